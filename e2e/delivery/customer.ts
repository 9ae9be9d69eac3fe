/**
 * A customer in Node: the widget's model with the client's real socket, REST and outbox, over a storage of ours. The one place
 * of the rig that knows how a model is made. Everything that the model is told by the server, and all that it shows, goes
 * into the history.
 */
import { randomUUID } from 'node:crypto';
import { effect } from '@preact/signals';
import type { ShownMessage } from '../../src/client/events';
import { asFailure } from '../../src/client/failure';
import { type LiveOptions, openLive } from '../../src/client/live';
import { openRest, type Rest } from '../../src/client/rest';
import type { Storage } from '../../src/client/storage';
import type { SendAnswer, SendRequest } from '../../src/protocol/live';
import type { Message } from '../../src/protocol/message';
import { createModel, type Model } from '../../src/widget/model/model';
import { type Copy, copyOf, hashOf, type Keep } from './history';

export type CustomerOptions = {
  /** Where the server is, as this customer's network goes. */
  url: string;
  site: string;
  storage: Storage;
  keep: Keep;
  network: Network;
};

/** What is wrong on the way that no proxy can do: it knows no messages. */
export type Network = {
  /** What is sent now arrives twice. */
  isDoubling: boolean;
  /** What the server tells of as it happens gets lost, comes twice, or comes late. */
  isMuddled: boolean;
};

export type Customer = {
  open(): void;
  /** Text that no other message of the run has. */
  say(text: string): void;
  /** Says the newest acknowledged message's client id again, with other content. */
  forge(text: string): Promise<void>;
  /** Takes back what was refused. */
  tidy(): void;
  sleep(): void;
  wake(): void;
  state(): CustomerState;
  /** All that is on the screen, however far up. */
  show(): Promise<{ messages: Copy[]; waiting: number }>;
  close(): void;
};
/** `waiting`: messages that are neither acknowledged nor refused. */
export type CustomerState = {
  customer: string | undefined;
  conversation: string | undefined;
  seen: number;
  waiting: number;
};

export function openCustomer(options: CustomerOptions): Customer {
  const { keep, network, url } = options;
  let acknowledged: { token: string; request: SendRequest } | undefined;
  const record = recording(keep);

  const plain = openRest(`${url}/widget/v1`, (input, init) => fetch(input, init));
  const once = (token: string, request: SendRequest) =>
    record(request, async () => {
      const answer = await plain.send(token, request);
      acknowledged = { token, request };
      return answer;
    });
  const rest: Rest = {
    ...plain,
    send: (token, request) => (network.isDoubling ? twice(() => once(token, request)) : once(token, request)),
  };
  const live = (liveOptions: LiveOptions) => {
    const onEvents = muddled(liveOptions.onEvents, network);
    const opened = openLive({ ...liveOptions, onEvents, url });
    return {
      ...opened,
      // Copying would freeze it.
      get state() {
        return opened.state;
      },
      ask: ((type, data, timeoutMs) => {
        if (type !== 'send') return opened.ask(type, data, timeoutMs);
        const ask = () => record(data as SendRequest, () => opened.ask('send', data as SendRequest, timeoutMs));
        return network.isDoubling ? twice(ask) : ask();
      }) as typeof opened.ask,
    };
  };

  keep({ what: 'open' });
  const model = createModel({
    site: {
      id: options.site,
      config: {},
      hosts: [],
      web_view_origins: [],
      allow_host_origin: false,
      uploads: false,
    },
    origin: url,
    storage: options.storage,
    rest,
    openLive: live,
    newId: randomUUID,
    loadWebViews: () => new Promise(() => {}),
    height: 700,
    isVisible: true,
  });
  const stopWatching = watch(model, keep);

  return {
    open: () => model.open(false),
    say(text) {
      keep({ what: 'invoke', hash: hashOf(text), text: text.slice(0, 80) });
      const client_id = model.say(text);
      // When this turn of the thread is over, the outbox has it.
      setImmediate(() => keep({ what: 'kept', client_id, hash: hashOf(text) }));
    },
    async forge(text) {
      if (!acknowledged) return;
      const { token, request } = acknowledged;
      await once(token, { ...request, content: { text } }).catch(() => {});
    },
    tidy() {
      for (const { entry } of model.waiting.peek()) if (entry.refusal) model.discard(entry.request.client_id);
    },
    sleep: () => model.sleep(),
    wake: () => model.wake(),
    state() {
      const session = model.session.state.peek();
      const conversation = model.thread.conversation.peek();
      return {
        customer: session.phase === 'ready' ? session.customer.id : undefined,
        conversation: conversation?.id,
        seen: conversation?.last ?? 0,
        waiting: waitingIn(model),
      };
    },
    async show() {
      while (model.thread.older.peek() === 'more') await model.thread.loadOlder();
      return { messages: shown(model).map(copy), waiting: waitingIn(model) };
    },
    close() {
      stopWatching();
      model.close();
    },
  };
}

/** Keeps what became of each attempt to send, as this side was told. */
function recording(keep: Keep) {
  return async (request: SendRequest, attempt: () => Promise<SendAnswer>): Promise<SendAnswer> => {
    const { client_id, content } = request;
    const hash = hashOf('text' in content ? content.text : JSON.stringify(content));
    try {
      const answer = await attempt();
      const { id, seq, conversation_id } = answer;
      keep({ what: 'ok', client_id, hash, conversation: conversation_id, id, seq });
      return answer;
    } catch (error) {
      const failure = asFailure(error);
      if (failure.isFinal) keep({ what: 'refused', client_id, hash, code: failure.code });
      throw error;
    }
  };
}

/** The same thing arrives twice, at once; either answer may be the one that is heard. */
async function twice<T>(attempt: () => Promise<T>): Promise<T> {
  const both = [attempt(), attempt()];
  await Promise.allSettled(both);
  return both[0] as Promise<T>;
}

/** Of three batches one is lost, one comes twice, and one is overtaken. */
function muddled(take: LiveOptions['onEvents'], network: Network): LiveOptions['onEvents'] {
  let batches = 0;
  return (events) => {
    if (!network.isMuddled) return take(events);
    batches += 1;
    if (batches % 3 === 0) return;
    if (batches % 3 === 1) take(events);
    setTimeout(take, 100 + ((batches * 137) % 400), events);
  };
}

/** Each message as it appears on the screen. */
function watch(model: Model, keep: Keep): () => void {
  let id: string | undefined;
  let before: readonly ShownMessage[] = [];
  return effect(() => {
    const now = model.thread.conversation.value;
    const messages = shown(model);
    const last = before.at(-1);
    // Older pages come before, new messages after: what isn't joined to what was there is another screen.
    const at = last ? messages.lastIndexOf(last) : -1;
    if (last && (at < 0 || now?.id !== id)) keep({ what: 'open' });
    for (const message of messages.slice(at + 1)) keep({ what: 'seen', ...copy(message) });
    id = now?.id;
    before = messages;
  });
}

const shown = (model: Model): ShownMessage[] =>
  (model.thread.conversation.value?.timeline ?? []).flatMap((entry) => (entry.kind === 'message' ? entry.message : []));
/** Neither acknowledged nor refused. */
const waitingIn = (model: Model) =>
  model.waiting.peek().filter(({ entry, answer }) => !entry.refusal && !answer).length;
const copy = (message: ShownMessage) => copyOf(message as Message);
