import { setTimeout as pause } from 'node:timers/promises';
import type { ApiError, GuichetApi } from '../guichetApi';
import { log } from '../log';
import type { BankDoor } from './bankDoor';
import { answer } from './dialogue';
import type { FileLook } from './fileLook';
import type { Post } from './messages';
import { type Notebook, withEvent } from './notebook';
import type { Action, Person, Surroundings, Talk, Turn } from './talk';
import { thankForFiles } from './topics/documents';
import { handOverStatement } from './topics/statement';
import type { WebhookEvent } from './webhookEvent';

export type FreddySettings = {
  api: GuichetApi;
  bank: BankDoor;
  look: FileLook;
  notebook: Notebook;
  bankOrigin: string;
  cardsOrigin: string;
  /** Freddy's own id among the agents, and the group that people answer in. */
  ownId: string;
  advisers: string;
  /** Milliseconds of typing before an answer. */
  pace: number;
  now?: () => Date;
};

/** How long an answer is tried for before it is given up: the customer has gone by then. */
const patience = 15 * 60_000;

/**
 * Freddy at work: events of one conversation one after the other, conversations beside each other. Whatever happens
 * twice (a webhook that comes again, a restart in the middle of an answer) is said once: each post carries a key made
 * of the event that it answers.
 */
export function freddy(settings: FreddySettings) {
  const { api, bank, notebook, pace, now = () => new Date() } = settings;
  const { bankOrigin, cardsOrigin, ownId, advisers } = settings;
  const lines = new Map<string, Promise<unknown>>();

  /** Runs `work` after everything that stands in this line. */
  function inLine<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (lines.get(name) ?? Promise.resolve()).then(work, work);
    lines.set(name, turn);
    const leave = () => void (lines.get(name) === turn && lines.delete(name));
    turn.then(leave, leave);
    return turn;
  }
  const writing = (id: string) => `writing ${id}`;
  const answering = (id: string) => `answering ${id}`;

  /** Writes the event down; resolves when it is safe to answer Guichet 2xx. */
  async function take(event: WebhookEvent): Promise<void> {
    const { conversationId: id } = event;
    const isNew = await inLine(writing(id), async () => {
      const note = await notebook.read(id);
      if (note.seen.includes(event.eventId)) return false;
      await notebook.write(withEvent(note, event));
      return true;
    });
    if (isNew) work(id);
  }

  /** Goes on with what was pending when the process ended. */
  async function resume(): Promise<void> {
    for (const id of await notebook.unfinished()) work(id);
  }

  function work(id: string): void {
    inLine(answering(id), async () => {
      for (;;) {
        const { pending, talk } = await notebook.read(id);
        const event = pending[0];
        if (!event) return;
        const after = await turn(event, talk).catch((error: ApiError) => {
          log.warn(`event ${event.eventId} (${event.action}) stays without an answer: ${error.message}`);
          return talk;
        });
        await inLine(writing(id), async () => {
          const note = await notebook.read(id);
          await notebook.write({
            ...note,
            talk: after,
            pending: note.pending.filter((each) => each.eventId !== event.eventId),
          });
        });
      }
    }).catch((error: Error) => log.error(`conversation ${id}: ${error.message}`));
  }

  async function turn(event: WebhookEvent, talk: Talk): Promise<Talk> {
    const conversation = `/v2/conversations/${encodeURIComponent(event.conversationId)}`;
    const person = await whoIs(event.userId);
    const around: Surroundings = { bankOrigin, cardsOrigin, ownId, now: now() };
    const first = answer(event, talk, person, around);
    // What a person has to read, no program has read.
    const isRead = !talk.taken && (first.actions.length > 0 || event.action === 'message_create');
    if (isRead && event.seq > 0) await lightly(`${conversation}/read`, { up_to: event.seq });

    let state = first.talk;
    let said = 0;
    const queue = [...first.actions];
    for (let action = queue.shift(); action; action = queue.shift()) {
      const more = await act(action);
      state = more.talk;
      queue.unshift(...more.actions);
    }
    return state;

    /** Does one thing; the rest of the turn, where that depends on what came of it. */
    async function act(action: Action): Promise<Turn> {
      switch (action.do) {
        case 'say':
          await say(action.post, said++);
          return { talk: state, actions: [] };
        case 'fetch_statement':
          await typing();
          return handOverStatement(await bank(action.ref, action.month), state, person, around);
        case 'look_at_files':
          await typing();
          return thankForFiles(action.files, await settings.look(action.files), action.alone, state, person);
        case 'queue':
          await api(conversation, { method: 'PUT', body: { assigned_group_id: action.on ? advisers : '' } }).catch(
            (error: ApiError) => log.warn(`a conversation couldn't be put in the advisers' queue: ${error.message}`),
          );
          return { talk: state, actions: [] };
      }
    }

    async function say(post: Post, index: number): Promise<void> {
      if (await isTakenMeanwhile()) return;
      await typing();
      await pause(pace);
      try {
        await api(`${conversation}/messages`, {
          method: 'POST',
          body: { ...post, message_type: 'normal', actor_type: 'bot' },
          idempotencyKey: `${event.eventId}-${index}`,
          patience,
        });
      } catch (error) {
        // Said before the restart, in other words: it is there, so all is well.
        if ((error as ApiError).code !== 'IDEMPOTENCY_KEY_REUSED') throw error;
      }
    }
    /** Somebody took over while this answer was on its way: two voices at once would be one too many. */
    async function isTakenMeanwhile(): Promise<boolean> {
      const { pending } = await notebook.read(event.conversationId);
      const assigned = pending.findLast((each) => each.action === 'conversation_assignment');
      return assigned?.action === 'conversation_assignment' && ![ownId, ''].includes(assigned.toAgentId);
    }
    function typing(): Promise<void> {
      return lightly(`${conversation}/typing`, { actor_type: 'bot', on: true });
    }
  }

  async function whoIs(userId: string): Promise<Person> {
    const user = await api(`/v2/users/${encodeURIComponent(userId)}`, { patience: 5_000 }).catch(() => undefined);
    const name = user?.first_name;
    return { vouched: user?.vouched === true, firstName: typeof name === 'string' ? name : undefined };
  }

  /** Read marks and typing are courtesies: they may fail. */
  async function lightly(path: string, body: unknown): Promise<void> {
    await api(path, { method: 'POST', body, patience: 0 }).catch(() => {});
  }

  return {
    take,
    resume,
    /** Resolves when nothing is left to do. */
    async idle(): Promise<void> {
      while (lines.size > 0) await Promise.allSettled(lines.values());
    },
  };
}
export type Freddy = ReturnType<typeof freddy>;
