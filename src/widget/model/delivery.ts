import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { LogEvent } from '../../client/events';
import { Failure } from '../../client/failure';
import { notConnected, type Outbox, type OutboxEntry, type OutboxOptions, openOutbox } from '../../client/outbox';
import type { Storage } from '../../client/storage';
import type { FileAnswer, SendAnswer } from '../../protocol/live';
import type { Pending } from './rows';
import type { SessionKeeper } from './session';
import type { Thread } from './thread';
import type { Uploads } from './uploads';

/**
 * What the customer says, until the log has it: in the outbox of whoever is the customer now, and acknowledged but not yet in
 * the log here.
 *
 * One outbox is open at a time. `handOver` alone opens another, and has the former one let go first: that one would go on
 * listening, and send the same once more.
 */
export type Delivery = {
  /** Sent by the customer; the log doesn't have it yet. */
  waiting: ReadonlySignal<readonly Pending[]>;
  /** Something waits that will be lost with this page: the browser doesn't keep it. */
  isAtRisk: ReadonlySignal<boolean>;
  /** Sends text as the customer; gives the client id. */
  say(text: string): string;
  answer(messageId: string, option: number): void;
  /** Sends an uploaded file as the customer. */
  sendFile(file: FileAnswer): void;
  /** Sends a file that isn't uploaded yet; gives the client id. */
  sendLater(file: File, isClean: boolean): string;
  retry(clientId: string): void;
  discard(clientId: string): void;
  /** Whose outbox is open. */
  owner(): string;
  /** Another customer's from now on. `erased`: resolves once nothing of the former one is on disk. */
  handOver(customer: string, what: Parting): Promise<void> | undefined;
  /** There is a session: sends what waits, under whichever name this person wrote it. */
  begin(): void;
  /** What the log has needn't wait any longer. */
  settle(events: readonly LogEvent[]): void;
  /** As the outbox's own. */
  kick(): void;
  sleep(): void;
  stop(): void;
};

/** What becomes of what still waits: it goes along with its person, stays on disk for whose it is, or is gone for good. */
export type Parting = 'moves' | 'stays' | 'erased';

export type DeliveryOptions = Pick<OutboxOptions, 'disk' | 'locks' | 'channel' | 'newId' | 'send' | 'onSessionOver'> & {
  site: string;
  storage: Storage;
  session: Pick<SessionKeeper, 'owner' | 'isCurrent'>;
  thread: Pick<Thread, 'conversation' | 'sawHead'>;
  attachments: ReadonlySignal<{ uploads: Pick<Uploads, 'run' | 'cancel'> } | undefined>;
  takesFiles: ReadonlySignal<boolean>;
  isOnline: () => boolean;
  /** The customer says something. */
  onSay: () => void;
  /** The server has it, by this tab. */
  onStored: (id: string) => void;
};

export function createDelivery(options: DeliveryOptions): Delivery {
  const { site, thread, attachments } = options;
  const waiting = signal<readonly Pending[]>([]);
  const isUnkept = signal(false);
  const isAtRisk = signal(false);
  const prefixOf = (customer: string) => `guichet:${site}:${customer}:outbox:`;
  /** Acknowledged, but not in the log here yet; by client id. */
  let sent = new Map<string, Required<Pending>>();
  let owner = options.session.owner();
  let outbox = open();

  const stopWatching = effect(() => {
    if (!isUnkept.value) return;
    // What is sent at once isn't worth a word.
    const timer = setTimeout(() => {
      isAtRisk.value = true;
    }, 1_000);
    return () => {
      clearTimeout(timer);
      isAtRisk.value = false;
    };
  });

  function open(entries?: readonly OutboxEntry[]): Outbox {
    const opened: Outbox = openOutbox({
      ...options,
      entries,
      prefix: prefixOf(owner),
      now: Date.now,
      onChange: refresh,
      onSent(entry, answer, here) {
        if (here) options.onStored(answer.id);
        if (isInLog(answer)) return;
        sent.set(idOf(entry), { entry, answer });
        // The broadcast is on its way; where it was lost, ask.
        setTimeout(
          () => {
            // Else it is another customer by now.
            if (opened === outbox) thread.sawHead({ [answer.conversation_id]: answer.seq });
          },
          options.isOnline() ? 1_500 : 0,
        );
      },
      upload(entry, tools) {
        const uploads = attachments.peek()?.uploads;
        if (uploads) return uploads.run(entry, tools);
        throw options.takesFiles.peek() ? notConnected() : new Failure('refused', 'No files are taken.', 'UPLOADS_OFF');
      },
    });
    return opened;
  }

  function handOver(customer: string, what: Parting): Promise<void> | undefined {
    let moved: OutboxEntry[] | undefined;
    let erased: Promise<void> | undefined;
    if (what === 'erased') erased = outbox.erase();
    else if (what === 'stays') outbox.stop();
    else moved = outbox.moveTo(prefixOf(customer));
    owner = customer;
    sent = new Map();
    outbox = open(moved);
    refresh();
    return erased;
  }

  function refresh(): void {
    isUnkept.value = !outbox.isKept();
    const unsent = outbox.entries().filter((entry) => !sent.has(idOf(entry)));
    waiting.value = [...sent.values(), ...unsent.map((entry) => ({ entry }))];
  }
  function isInLog({ conversation_id, seq }: SendAnswer): boolean {
    const now = thread.conversation.peek();
    return now?.id === conversation_id && now.last >= seq;
  }

  function put(add: (conversationId?: string) => OutboxEntry): string {
    options.onSay();
    return idOf(add(thread.conversation.peek()?.id));
  }

  return {
    waiting,
    isAtRisk,
    say: (text) => put((id) => outbox.add({ text }, id)),
    answer: (message_id, option) => void put((id) => outbox.add({ answer: { message_id, option } }, id)),
    sendFile: (file) => void put((id) => outbox.add({ file: { id: file.id } }, id, file)),
    sendLater: (file, isClean) => put((id) => outbox.addFile(file, isClean, id)),
    retry: (clientId) => outbox.retry(clientId),
    discard(clientId) {
      outbox.remove(clientId);
      attachments.peek()?.uploads.cancel(clientId);
    },
    owner: () => owner,
    handOver,
    begin() {
      const kick = () => outbox.kick();
      queueMicrotask(kick);
      // Nobody waits for it: it is loaded once the customer can type.
      setTimeout(async () => {
        const part = await import('./gather').catch(() => undefined);
        void part?.gather({ ...options, onMoved: kick });
      }, 1_000);
    },
    settle(events) {
      const ids = new Set(events.map((event) => event.type === 'message_create' && event.data.message.client_id));
      // What a snapshot left out is stored all the same.
      for (const [id, { answer }] of sent) if (ids.has(id) || isInLog(answer)) sent.delete(id);
      for (const id of outbox.entries().map(idOf)) if (ids.has(id)) outbox.settle(id);
      refresh();
    },
    kick: () => outbox.kick(),
    sleep: () => outbox.sleep(),
    stop() {
      stopWatching();
      outbox.stop();
    },
  };
}

const idOf = ({ request }: OutboxEntry) => request.client_id;
