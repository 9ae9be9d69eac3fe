import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { type Disk, openDisk } from '../../client/disk';
import type { LogEvent } from '../../client/events';
import { asFailure, Failure } from '../../client/failure';
import type { Live, LiveOptions, LiveState } from '../../client/live';
import { notConnected, type Outbox, type OutboxEntry, type OutboxOptions, openOutbox } from '../../client/outbox';
import type { Range, Rest, Session } from '../../client/rest';
import type { Storage } from '../../client/storage';
import type { TabChannel } from '../../client/tabs/tabWorld';
import type { PageEvents } from '../../protocol/frame';
import type { FileAnswer, SendRequest } from '../../protocol/live';
import type { SiteInfo } from '../../protocol/theme';
import type { Attachments } from './attachments';
import { type Composer, createComposer } from './composer';
import { type Config, createConfig } from './config';
import { formerName, gather } from './gather';
import { createHeadWatch, type Reach } from './headWatch';
import { createPanel, type Panel } from './panel';
import type { Pending } from './rows';
import { createSession, nobody, type SessionKeeper } from './session';
import { createSharedState } from './sharedState';
import { createThread, type Thread } from './thread';
import type { Uploads } from './uploads';
import { createWebViewDoor, type ShownViews, type WebViewDoor } from './webViewDoor';
import type { WebViews, WebViewsOptions } from './webViews';

/** What the model needs of the world around it; everything else it knows by itself. */
export type Surroundings = {
  site: SiteInfo;
  origin: string;
  storage: Storage;
  rest: Rest;
  openLive: (options: LiveOptions) => Live;
  newId: () => string;
  loadWebViews: (options: WebViewsOptions) => Promise<WebViews>;
  /** A channel to the other tabs of this browser; absent where there is none. */
  openChannel?: ((name: string) => TabChannel) | undefined;
  height: number;
  isVisible: boolean;
  /** Where the outbox is kept; in `storage` when absent. */
  disk?: Disk;
  /** By which tabs take turns and hear each other; each is by itself when absent. */
  locks?: OutboxOptions['locks'];
  channel?: OutboxOptions['channel'];
};

export type Model = {
  config: Config;
  panel: Panel;
  session: SessionKeeper;
  thread: Thread;
  composer: Composer;
  webViews: WebViewDoor;
  /** The files that are chosen and not sent; comes with a download of its own, which puts it here. */
  attachments: Signal<(Attachments & { uploads: Uploads }) | undefined>;
  /** Customers may send files here. */
  takesFiles: ReadonlySignal<boolean>;
  connection: ReadonlySignal<Reach>;
  /** Sent by the customer; the log doesn't have it yet. */
  waiting: ReadonlySignal<readonly Pending[]>;
  /** Something waits that will be lost with this page: the browser doesn't keep it. */
  isAtRisk: ReadonlySignal<boolean>;
  /** There is something to show in the log. */
  hasRows: ReadonlySignal<boolean>;
  /** What the customer has to be told about who they are. */
  notice: ReadonlySignal<'identity' | undefined>;
  hasConversation: ReadonlySignal<boolean>;
  /** The log has been heard: before, nothing can be said of what is unread. */
  isUnreadKnown: ReadonlySignal<boolean>;
  /** Counts how often the customer minimised the panel. */
  minimised: ReadonlySignal<number>;
  /** The panel was opened in another tab: the loader is to show it here too, without taking the focus. */
  openedElsewhere: ReadonlySignal<number>;
  open(focus: boolean): void;
  /** `byCustomer`: with the panel's own means; else the loader did. */
  minimise(byCustomer?: boolean): void;
  /** Sends text as the customer; gives the client id. */
  say(text: string): string;
  answer(messageId: string, option: number): void;
  /** Sends an uploaded file as the customer. */
  sendFile(file: FileAnswer): void;
  /** Sends a file that isn't uploaded yet; gives the client id. */
  sendLater(file: File, isClean: boolean): string;
  retry(clientId: string): void;
  discard(clientId: string): void;
  /** Gives the customer's id, when a session is open or opened by it. */
  identify(identity: string): Promise<string | undefined>;
  logout(): Promise<void>;
  /** The customer is typing. */
  typing(): void;
  /** Back from sleep, from another tab, from offline: look whether anything was missed. */
  wake(): void;
  /** The document may be frozen or thrown away now; `wake` when it comes back. */
  sleep(): void;
  on(listener: <K extends keyof PageEvents>(name: K, data: PageEvents[K]) => void): void;
  close(): void;
};

export function createModel(world: Surroundings): Model {
  const { storage, rest, newId, disk = openDisk(storage) } = world;
  const siteId = world.site.id;
  let site = world.site;
  const liveState = signal<LiveState>('connecting');
  const waiting = signal<readonly Pending[]>([]);
  const isUnkept = signal(false);
  const isAtRisk = signal(false);
  const minimised = signal(0);
  const openedElsewhere = signal(0);
  const notice = signal<'identity' | undefined>(undefined);
  const attachments: Model['attachments'] = signal(undefined);
  const tab = newId();
  const keyOf = (customer: string, what: string) => `guichet:${siteId}:${customer}:${what}`;
  const listeners: Parameters<Model['on']>[0][] = [];
  const emit: Parameters<Model['on']>[0] = (name, data) => {
    for (const listener of listeners) listener(name, data);
  };

  let live: Live | undefined;
  /** Nothing of the former customer is on disk any more. */
  let erased: Promise<void> | undefined;
  /** Acknowledged, but not in the log here yet. */
  let sent: Pending[] = [];
  const config = createConfig(world.site.config);
  const panel = createPanel(world);

  const token = () => {
    const now = session.state.peek();
    return now.phase === 'ready' ? now.token : undefined;
  };

  async function askEvents(range: Range) {
    if (live?.state === 'online') {
      try {
        return await live.ask('events', range);
      } catch (error) {
        if (asFailure(error).kind === 'refused') throw error;
      }
    }
    const now = token();
    if (!now) throw notConnected();
    return rest.events(now, range);
  }

  async function send(request: SendRequest) {
    const now = token();
    if (!now) throw notConnected();
    if (live?.state === 'online') {
      try {
        return await live.ask('send', request);
      } catch (error) {
        // The same client id over HTTP is the same message, should the first have arrived after all.
        if (asFailure(error).kind === 'refused') throw error;
      }
    }
    return rest.send(now, request);
  }

  /** At the newest message. Under a web view's sheet nobody sees what comes. */
  const isLooking = computed(() => panel.isWatched.value && panel.isAtBottom.value && !webViews.current.value);
  const thread = createThread({
    events: askEvents,
    onNew,
    isLooking: () => isLooking.peek(),
  });
  const session = createSession({
    site: siteId,
    storage,
    disk,
    rest,
    onReady,
    onEnd,
    onIdentityRefused(failure) {
      notice.value = 'identity';
      emit('error', { code: failure.code, message: failure.message });
    },
  });

  const watch = createHeadWatch({
    live: () => live,
    liveState,
    rest,
    token,
    isReady: computed(() => session.state.value.phase === 'ready'),
    isVisible: panel.isVisible,
    sawHead: thread.sawHead,
    catchUp: thread.catchUp,
    onSessionOver: session.renew,
  });
  const shared = createSharedState(world.openChannel, (customer) => keyOf(customer, 'tabs'), {
    draft: ({ text }) => composer.adopt(text),
    seen: ({ conversation_id, up_to }) => thread.seenElsewhere(conversation_id, up_to),
    panel: ({ open }) => followPanel(open),
  });

  /** Whose outbox and draft are open. */
  let owner = session.owner();
  let outbox = outboxOf(owner);
  const composer = createComposer({
    storage,
    key: keyOf(owner, 'draft'),
    send: (text) => void say(text),
    onKept: (text) => shared.tell('draft', { text }),
  });

  function outboxOf(customer: string, entries?: readonly OutboxEntry[]): Outbox {
    const opened: Outbox = openOutbox({
      disk,
      entries,
      locks: world.locks,
      channel: world.channel,
      prefix: keyOf(customer, 'outbox:'),
      newId,
      now: Date.now,
      send,
      onChange: () => refreshWaiting(opened),
      onSent(entry, answer, here) {
        if (here) emit('message_sent', { id: answer.id });
        const known = thread.conversation.peek();
        if (known?.id === answer.conversation_id && known.last >= answer.seq) return;
        sent = [...sent, { entry, answer }];
        // The broadcast is on its way; where it was lost, ask.
        setTimeout(
          () => {
            if (opened !== outbox) return; // Another customer by now.
            const now = thread.conversation.peek();
            if (!now) thread.sawHead({ [answer.conversation_id]: answer.seq });
            else if (now.id === answer.conversation_id && now.last < answer.seq) void thread.catchUp();
          },
          live?.state === 'online' ? 1_500 : 0,
        );
      },
      upload(entry, tools) {
        const uploads = attachments.peek()?.uploads;
        if (uploads) return uploads.run(entry, tools);
        throw model.takesFiles.peek() ? notConnected() : new Failure('refused', 'No files are taken.', 'UPLOADS_OFF');
      },
      onSessionOver: () => session.renew(token() ?? ''),
    });
    refreshWaiting(opened);
    return opened;
  }
  function refreshWaiting(from: Outbox = outbox): void {
    isUnkept.value = !from.isKept();
    const ids = new Set(from.entries().map(({ request }) => request.client_id));
    waiting.value = [
      ...sent.filter(({ entry }) => !ids.has(entry.request.client_id)),
      ...from
        .entries()
        .map((entry) => sent.find((each) => each.entry.request.client_id === entry.request.client_id) ?? { entry }),
    ];
  }

  function onReady(answer: Session, { samePerson }: { samePerson: boolean }): void {
    batch(() => {
      const customer = answer.customer.id;
      if (customer !== owner) {
        const earlier = owner;
        owner = customer;
        let moved: OutboxEntry[] | undefined;
        if (!samePerson) outbox.stop();
        else {
          // Other tabs may still write under the earlier name.
          if (earlier !== nobody) storage.set(formerName(siteId, customer, earlier), '1');
          moved = outbox.moveTo(keyOf(customer, 'outbox:'));
          attachments.peek()?.restart();
          const to = keyOf(customer, 'close:');
          for (const key of storage.keys(keyOf(earlier, 'close:'))) {
            storage.set(to + key.slice(keyOf(earlier, 'close:').length), storage.get(key) ?? '');
            storage.remove(key);
          }
        }
        sent = [];
        outbox = outboxOf(customer, moved);
        composer.moveTo(keyOf(customer, 'draft'), samePerson);
      }
      config.setSite(answer.site.config);
      site = answer.site;
      thread.start(answer);
      dropStored(answer.events);
      watch.noteReached();
      connect(answer.token, customer);
      queueMicrotask(() => outbox.kick());
      void gather({ disk, storage, session, site: siteId, onMoved: () => outbox.kick() });
    });
  }

  function connect(withToken: string, customer: string): void {
    live?.close();
    liveState.value = 'connecting';
    shared.join(customer);
    if (panel.isOpen.peek()) shared.tell('panel', { open: true });
    const opened = world.openLive({
      name: keyOf(customer, 'socket'),
      token: () => withToken,
      cursors: thread.cursors,
      onState(state) {
        if (live !== opened) return;
        liveState.value = state;
        if (state === 'offline') thread.stopTyping();
        if (state !== 'online') return;
        outbox.kick();
        if (storage.keys(closesPrefix()).length > 0)
          void webViews.enter().then(
            (inside) => inside.flush(),
            () => {},
          );
        void watch.check();
        if (panel.isWatched.peek()) webViews.inside?.goOn();
      },
      onEvents: (events) => live === opened && thread.take(events),
      onTyping: thread.showTyping,
      onTaken: ({ web_view_id, owner: by }) => webViews.inside?.taken(web_view_id, by),
      onSessionEnd: () => live === opened && session.renew(withToken),
    });
    live = opened;
  }

  /** Everything of this customer goes: here, on the wire, and from the disk too if `erase`. */
  function onEnd(customer: string, erase: boolean): void {
    batch(() => {
      webViews.inside?.drop();
      attachments.peek()?.drop();
      live?.close();
      live = undefined;
      shared.join(undefined);
      liveState.value = 'connecting';
      if (!erase) outbox.stop();
      else {
        erased = outbox.erase();
        composer.erase();
        for (const key of storage.keys(keyOf(customer, ''))) storage.remove(key);
      }
      sent = [];
      thread.reset();
      waiting.value = [];
      notice.value = undefined;
      owner = nobody;
      outbox = outboxOf(owner);
      composer.moveTo(keyOf(owner, 'draft'), false);
    });
  }

  function onNew(events: LogEvent[]): void {
    watch.noteActivity();
    for (const event of events) {
      if (event.type === 'message_create' && event.actor.actor_type !== 'user') {
        emit('message_received', { id: event.data.message.id });
      }
      if (event.type === 'web_view_close') {
        emit('web_view_close', { web_view_id: event.data.web_view.id, reason: event.data.reason });
      }
    }
    dropStored(events);
    webViews.inside?.take(events);
  }
  /** What the log has needn't wait any longer. */
  function dropStored(events: readonly LogEvent[]): void {
    const ids = new Set(
      events.map((event) => (event.type === 'message_create' ? event.data.message.client_id : undefined)),
    );
    const now = thread.conversation.peek();
    sent = sent.filter(
      ({ entry, answer }) =>
        !ids.has(entry.request.client_id) &&
        // What a snapshot left out is stored all the same.
        !(now && answer && answer.conversation_id === now.id && answer.seq <= now.last),
    );
    for (const { request } of [...outbox.entries()]) if (ids.has(request.client_id)) outbox.settle(request.client_id);
    refreshWaiting();
  }

  const closesPrefix = () => keyOf(session.owner(), 'close:');
  const webViews = createWebViewDoor((shown: ShownViews) =>
    world.loadWebViews({
      shown,
      ask: (type, data, timeoutMs) => live?.ask(type, data, timeoutMs) ?? Promise.reject(notConnected()),
      whenOnline,
      site: () => site,
      ownOrigin: world.origin,
      owner: tab,
      storage,
      closesPrefix,
      mostHeight: () => panel.height.peek() - 130,
      isWatched: () => panel.isWatched.peek(),
      focus(key) {
        panel.focusWish.value = { to: 'button', key };
      },
      onOpen: (id) => emit('web_view_open', { web_view_id: id }),
    }),
  );

  function whenOnline(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let stop = () => {};
      const timer = setTimeout(() => {
        stop();
        reject(notConnected());
      }, timeoutMs);
      stop = effect(() => {
        if (liveState.value !== 'online') return;
        clearTimeout(timer);
        // The effect can't undo itself before it has returned.
        queueMicrotask(() => stop());
        resolve();
      });
    });
  }

  function put(add: (conversationId?: string) => OutboxEntry): string {
    watch.noteActivity();
    thread.dropUnreadLine();
    panel.isAtBottom.value = true;
    const entry = add(thread.conversation.peek()?.id);
    void session.open();
    return entry.request.client_id;
  }
  function say(text: string): string {
    stopTyping();
    return put((id) => outbox.add({ text }, id));
  }

  let typingUntil = 0;
  let typingTimer: ReturnType<typeof setTimeout> | undefined;
  function tellTyping(on: boolean): void {
    const id = thread.conversation.peek()?.id;
    if (id && live?.state === 'online') void live.ask('typing', { conversation_id: id, on }).catch(() => {});
  }
  function stopTyping(): void {
    clearTimeout(typingTimer);
    if (typingUntil > performance.now()) tellTyping(false);
    typingUntil = 0;
  }

  function markSeen(): void {
    const upTo = thread.markSeen();
    const id = thread.conversation.peek()?.id;
    if (upTo === undefined || !id) return;
    shared.tell('seen', { conversation_id: id, up_to: upTo });
    void live?.ask('read', { conversation_id: id, up_to: upTo }).catch(() => {});
  }

  /**
   * What the customer does with the panel in one tab happens in the others too, but nothing takes a phone's whole screen unasked.
   * The loader draws it: it is asked, and says so by `open`.
   */
  function followPanel(open: boolean): void {
    told = open;
    if (open === panel.isOpen.peek()) return;
    if (!open) model.minimise(true);
    else if (!panel.isPhone.peek()) openedElsewhere.value++;
  }
  /** What the tabs heard last, so that what one follows isn't told again. */
  let told: boolean | undefined;
  function tellPanel(open: boolean): void {
    if (told !== open) shared.tell('panel', { open });
    told = open;
  }

  const stops = [
    effect(() => {
      if (!isUnkept.value) return;
      // What is sent at once isn't worth a word.
      const timer = setTimeout(() => {
        isAtRisk.value = true;
      }, 1_000);
      return () => {
        clearTimeout(timer);
        isAtRisk.value = false;
      };
    }),
    // What is seen is read: told to the server when it is news, and again after a break.
    effect(() => {
      if (!isLooking.value || liveState.value === 'connecting') return;
      if (thread.unread.value.length === 0 && thread.conversation.value === undefined) return;
      const timer = setTimeout(markSeen, 400);
      return () => clearTimeout(timer);
    }),
  ];

  const model: Model = {
    config,
    panel,
    session,
    thread,
    composer,
    webViews,
    attachments,
    takesFiles: computed(() => world.site.uploads && config.value.value.features?.attachments !== false),
    connection: watch.connection,
    waiting,
    isAtRisk,
    hasRows: computed(() => waiting.value.length > 0 || !!thread.conversation.value?.timeline.length),
    notice,
    hasConversation: computed(() => thread.conversation.value !== undefined || waiting.value.length > 0),
    open(focus) {
      panel.open(focus);
      tellPanel(true);
      void session.open();
    },
    isUnreadKnown: computed(() => thread.conversation.value !== undefined || session.state.value.phase === 'ready'),
    minimised,
    openedElsewhere,
    minimise(byCustomer = false) {
      if (!panel.isOpen.peek()) return;
      // Who puts it away has looked at it, however shortly.
      if (isLooking.peek()) markSeen();
      panel.close();
      tellPanel(false);
      if (byCustomer) minimised.value++;
      if (thread.unread.peek().length === 0) thread.dropUnreadLine();
      composer.flush();
    },
    say,
    answer: (message_id, option) => void put((id) => outbox.add({ answer: { message_id, option } }, id)),
    sendFile: (file) => void put((id) => outbox.add({ file: { id: file.id } }, id, file)),
    sendLater: (file, isClean) => put((id) => outbox.addFile(file, isClean, id)),
    retry: (clientId) => outbox.retry(clientId),
    discard(clientId) {
      outbox.remove(clientId);
      attachments.peek()?.uploads.cancel(clientId);
    },
    identify: (identity) => {
      notice.value = undefined;
      return session.identify(
        identity,
        panel.isOpen.peek() || session.state.peek().phase !== 'idle' || session.canResume(),
      );
    },
    // No new session until the customer acts: after a logout nothing is left.
    async logout() {
      await session.logout();
      await erased;
    },
    typing() {
      const now = performance.now();
      watch.noteActivity();
      if (now > typingUntil - 2_000) tellTyping(true);
      typingUntil = now + 6_000;
      clearTimeout(typingTimer);
      typingTimer = setTimeout(stopTyping, 5_000);
    },
    wake() {
      shared.resume();
      composer.refresh();
      live?.resume();
      if (session.state.peek().phase === 'failed') void session.open();
      outbox.kick();
      watch.noteActivity();
      // Who wakes after a long sleep may have a socket that only looks connected.
      if (token()) void watch.check(1_500);
    },
    sleep() {
      composer.flush();
      webViews.inside?.pause();
      outbox.sleep();
      live?.pause();
      shared.pause();
    },
    on: (listener) => void listeners.push(listener),
    close() {
      for (const stop of stops) stop();
      session.stop();
      outbox.stop();
      live?.close();
      shared.join(undefined);
      watch.stop();
    },
  };
  return model;
}
