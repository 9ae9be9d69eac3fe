import { batch, computed, signal } from '@preact/signals';
import { createApi, Refused } from './api';
import { createOutbox, type Post } from './outbox';
import { peopleOf } from './people';
import { openSocket } from './socket';
import { type Filter, fold, isIn, messagesIn, type Talk, talkBegun, talkOf, withLog } from './talk';
import type { Conversation, LogEvent, Session } from './wire';

type Listed = { conversations: Conversation[]; pagination?: { total_pages?: number } };

/** Conversations on a page of the list. */
const listed = 50;
/** Events that are read of a log at a time. */
const piece = 100;
/** How long a customer's typing is shown, unless it goes on. */
const typingLasts = 8_000;

/**
 * The desk of one agent who is signed in: what is shown, and what can be done. All of it comes from `/v2` and its socket.
 *
 * @param signedOut is called when the token is good no more
 */
export function openDesk(chat: string, { token, agent }: Session, signedOut: () => void) {
  const api = createApi(chat, token);
  const me = agent.id;
  const talks = signal<ReadonlyMap<string, Talk>>(new Map());
  const chosen = signal<string | undefined>(undefined);
  const filter = signal<Filter>('all');
  const link = signal<'connecting' | 'on' | 'off'>('connecting');
  const listState = signal<'loading' | 'there' | 'failed'>('loading');
  const more = signal(0);
  const typing = signal<ReadonlyMap<string, number>>(new Map());
  const reading = signal<'idle' | 'reading' | 'failed'>('idle');
  const busy = signal(false);
  const notice = signal<string | undefined>(undefined);
  const now = signal(Date.now());

  const people = peopleOf(api, failed);
  const outbox = createOutbox(api, me, signedOut);
  const ticking = setInterval(() => {
    now.value = Date.now();
  }, 15_000);

  function failed(error: unknown): void {
    if (error instanceof Refused && error.status === 401) signedOut();
  }
  /** For what somebody asked for by a press: says why it did not work. */
  const said = (error: unknown) => {
    failed(error);
    notice.value = error instanceof Error ? error.message : String(error);
  };

  const put = (talk: Talk) => {
    talks.value = new Map(talks.value).set(talk.id, talk);
  };
  const path = (id: string, rest = '') => `/conversations/${encodeURIComponent(id)}${rest}`;

  // ---- the list

  async function loadList(page = 1): Promise<void> {
    try {
      const query = `items_per_page=${listed}&page=${page}`;
      const { conversations, pagination } = await api<Listed>('GET', `/conversations?${query}`);
      take(conversations);
      more.value = (pagination?.total_pages ?? 1) > page ? page + 1 : 0;
      listState.value = 'there';
    } catch (error) {
      failed(error);
      if (listState.value === 'loading') listState.value = 'failed';
      else notice.value = 'The list could not be read.';
    }
  }
  function take(conversations: Conversation[]): void {
    const next = new Map(talks.value);
    for (const one of conversations) next.set(one.conversation_id, talkOf(one, next.get(one.conversation_id)));
    talks.value = next;
    people.want(conversations.map(({ user_id }) => user_id));
  }

  async function begin(): Promise<void> {
    void people.loadAgents();
    // What was read may have a gap now.
    talks.value = new Map([...talks.value].map(([id, talk]) => [id, { ...talk, loaded: false, log: [], seq: 0 }]));
    await loadList();
    const { value: id } = chosen;
    if (id) await readLog(id);
  }

  // ---- what is told

  function told(events: LogEvent[]): void {
    const next = new Map(talks.value);
    const unknown = new Set<string>();
    const stopped = new Set<string>();
    for (const event of events) {
      const known = next.get(event.conversation_id);
      const talk = known ?? talkBegun(event);
      if (!known && event.seq !== 1 && event.conversation) unknown.add(event.conversation.user_id);
      next.set(event.conversation_id, fold(talk, event));
      if (event.data.message?.actor_type === 'user') stopped.add(event.conversation_id);
    }
    batch(() => {
      talks.value = next;
      outbox.arrived(new Set(events.flatMap(({ data }) => data.message?.client_id ?? [])));
      if (stopped.size > 0) typing.value = new Map([...typing.value].filter(([id]) => !stopped.has(id)));
    });
    people.want(events.flatMap(({ conversation }) => conversation?.user_id ?? []));
    for (const userId of unknown) void listOf(userId);
    const { value: id } = chosen;
    const open = id ? next.get(id) : undefined;
    if (open && !open.loaded) void readLog(open.id);
    markRead();
  }
  /** An old conversation that the list was too short for. */
  async function listOf(userId: string): Promise<void> {
    try {
      const { conversations } = await api<Listed>('GET', `/conversations?user_id=${encodeURIComponent(userId)}`);
      const fresh = conversations.filter(({ conversation_id: id }) => (talks.value.get(id)?.updated ?? 0) === 0);
      take(fresh);
    } catch (error) {
      failed(error);
    }
  }
  function isTyping(id: string, on: boolean): void {
    const next = new Map(typing.value);
    if (on) next.set(id, Date.now() + typingLasts);
    else next.delete(id);
    typing.value = next;
    if (on) setTimeout(() => (typing.value.get(id) ?? 0) <= Date.now() && isTyping(id, false), typingLasts + 100);
  }

  // ---- a conversation

  const inFlight = new Map<string, Promise<void>>();
  /** Reads the end of a log, or what is older than what is there. */
  function readLog(id: string, before?: number): Promise<void> {
    const key = `${id} ${before ?? ''}`;
    const running = inFlight.get(key);
    if (running) return running;
    const work = (async () => {
      if (id === chosen.value) reading.value = 'reading';
      try {
        const query = `limit=${piece}${before === undefined ? '' : `&before=${before}`}`;
        const { events, seq } = await api<{ events: LogEvent[]; seq: number }>('GET', path(id, `/events?${query}`));
        const talk = talks.value.get(id);
        if (talk) put(withLog(talk, events, before === undefined ? seq : talk.seq));
        outbox.arrived(new Set(messagesIn(events).flatMap((message) => message.client_id ?? [])));
        if (id === chosen.value) reading.value = 'idle';
        markRead();
      } catch (error) {
        failed(error);
        if (id === chosen.value) reading.value = 'failed';
      }
    })().finally(() => inFlight.delete(key));
    inFlight.set(key, work);
    return work;
  }

  let marked: { id: string; seq: number } | undefined;
  /** Tells the customer that somebody looks: what is open, in a page that is seen. */
  function markRead(): void {
    const talk = chosen.value ? talks.value.get(chosen.value) : undefined;
    if (!talk?.loaded || document.visibilityState !== 'visible') return;
    const upTo =
      messagesIn(talk.log)
        .reverse()
        .find(({ actor_type }) => actor_type === 'user')?.seq ?? 0;
    if (upTo <= talk.businessRead || (marked?.id === talk.id && marked.seq >= upTo)) return;
    marked = { id: talk.id, seq: upTo };
    api('POST', path(talk.id, '/read'), { up_to: talk.seq }).catch((error) => {
      marked = undefined;
      failed(error);
    });
  }
  document.addEventListener('visibilitychange', markRead);

  async function update(id: string, change: object): Promise<void> {
    busy.value = true;
    try {
      await api('PUT', path(id), change);
    } catch (error) {
      said(error);
    } finally {
      busy.value = false;
    }
  }

  let typed = { id: '', at: 0 };
  /** Shows the customer that somebody writes: at most every 4 s. */
  function iType(id: string, on: boolean): void {
    if (on && typed.id === id && Date.now() - typed.at < 4_000) return;
    if (!on && typed.id !== id) return;
    typed = on ? { id, at: Date.now() } : { id: '', at: 0 };
    api('POST', path(id, '/typing'), { actor_type: 'agent', on }).catch(failed);
  }

  const close = openSocket(chat, token, {
    began: () => void begin(),
    events: told,
    typing: isTyping,
    link: (state) => {
      link.value = state;
    },
    ended: signedOut,
  });

  const shown = computed(() =>
    [...talks.value.values()]
      .filter((talk) => talk.updated > 0 && isIn(filter.value, talk, me, people.isBot))
      .sort((a, b) => b.updated - a.updated),
  );
  const counts = computed(() => {
    const all = [...talks.value.values()].filter(({ updated }) => updated > 0);
    const of = (one: Filter) => all.filter((talk) => isIn(one, talk, me, people.isBot));
    return { mine: of('mine').length, unassigned: of('unassigned').length, all: of('all').length };
  });
  const open = computed(() => (chosen.value ? talks.value.get(chosen.value) : undefined));

  return {
    agent,
    ...{ talks, chosen, filter, link, listState, more, typing, reading, busy, notice, now },
    ...{ people, outbox, shown, counts, open },
    reload: () => {
      listState.value = 'loading';
      void begin();
    },
    loadMore: () => loadList(more.value),
    choose(id: string | undefined) {
      chosen.value = id;
      reading.value = 'idle';
      const talk = id ? talks.value.get(id) : undefined;
      if (talk && !talk.loaded) void readLog(talk.id);
      markRead();
    },
    readOlder: (talk: Talk) => readLog(talk.id, talk.log[0]?.seq),
    readAgain: (talk: Talk) => readLog(talk.id),
    iType,
    send(id: string, post: Post) {
      iType(id, false);
      outbox.send(id, post);
    },
    /** Uploads and says it. */
    async sendFile(id: string, file: File): Promise<void> {
      busy.value = true;
      try {
        outbox.send(id, { message_parts: [await uploaded(file)], reply_parts: [], message_type: 'normal' });
      } catch (error) {
        said(error);
      } finally {
        busy.value = false;
      }
    },
    takeOver: (id: string) => update(id, { assigned_agent_id: me }),
    handBack: (id: string) => update(id, { assigned_agent_id: '' }),
    resolve: (id: string) => update(id, { status: 'resolved' }),
    reopen: (id: string) => update(id, { status: 'reopened', assigned_agent_id: me }),
    close() {
      close();
      outbox.close();
      clearInterval(ticking);
      document.removeEventListener('visibilitychange', markRead);
    },
  };

  async function uploaded(file: File): Promise<Record<string, unknown>> {
    if (/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) {
      type Picture = { url: string; width: number; height: number; content_type: string };
      const { url, width, height, content_type } = await api.upload<Picture>('/images/upload', 'image', file);
      return { image: { url, width, height, content_type, alt_text: file.name.slice(0, 1_000) } };
    }
    type Stored = { url: string; file_name: string; file_size: number; file_content_type: string };
    const stored = await api.upload<Stored>('/files/upload', 'file', file);
    return {
      file: {
        url: stored.url,
        name: stored.file_name,
        file_size_in_bytes: stored.file_size,
        content_type: stored.file_content_type,
      },
    };
  }
}
export type Desk = ReturnType<typeof openDesk>;
