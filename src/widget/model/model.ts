import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { openDisk } from '../../client/disk';
import type { LogEvent } from '../../client/events';
import type { Session } from '../../client/rest';
import { moveKeys } from '../../client/storage';
import { openTurn } from '../../client/turn';
import type { PageEvents } from '../../protocol/frame';
import type { Attachments } from './attachments';
import { type Composer, createComposer } from './composer';
import { type Config, createConfig } from './config';
import { createDelivery, type Delivery } from './delivery';
import { createHeadWatch, type Reach } from './headWatch';
import { createPanel, type Panel } from './panel';
import { createSeen } from './seen';
import { createSession, nobody, type SessionKeeper } from './session';
import { createSharedPanel } from './sharedPanel';
import { createSharedState } from './sharedState';
import type { Surroundings } from './surroundings';
import { createThread, type Thread } from './thread';
import { createTyping } from './typing';
import type { Uploads } from './uploads';
import { createWebViewDoor, type ShownViews, type WebViewDoor } from './webViewDoor';
import { createWire } from './wire';

export type Model = Pick<
  Delivery,
  'waiting' | 'isAtRisk' | 'say' | 'answer' | 'sendFile' | 'sendLater' | 'retry' | 'discard'
> & {
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
  const minimised = signal(0);
  const notice = signal<'identity' | undefined>(undefined);
  const attachments: Model['attachments'] = signal(undefined);
  const tab = newId();
  const keyOf = (customer: string, what: string) => `guichet:${siteId}:${customer}:${what}`;
  const closesOf = (customer: string) => keyOf(customer, 'close:');
  const listeners: Parameters<Model['on']>[0][] = [];
  const emit: Parameters<Model['on']>[0] = (name, data) => {
    for (const listener of listeners) listener(name, data);
  };

  /** Nothing of the former customer is on disk any more. */
  let erased: Promise<void> | undefined;
  const config = createConfig(world.site.config);
  const panel = createPanel(world);
  const takesFiles = computed(() => world.site.uploads && config.value.value.features?.attachments !== false);

  const token = () => {
    const now = session.state.peek();
    return now.phase === 'ready' ? now.token : undefined;
  };
  const wire = createWire(world.openLive, rest, token, panel.isVisible);

  /** At the newest message. Under a web view's sheet nobody sees what comes. */
  const isLooking = computed(() => panel.isWatched.value && panel.isAtBottom.value && !webViews.current.value);
  const thread = createThread({
    events: wire.events,
    onNew,
    isLooking: () => isLooking.peek(),
  });
  const session = createSession({
    site: siteId,
    storage,
    disk,
    rest,
    tabsTurn: openTurn({ locks: world.locks, name: `guichet:${siteId}:session`, patience: 5_000 }),
    onReady,
    onEnd,
    onIdentityRefused(failure) {
      notice.value = 'identity';
      emit('error', { code: failure.code, message: failure.message });
    },
  });

  const watch = createHeadWatch({
    live: wire.live,
    liveState: wire.state,
    rest,
    token,
    isReady: computed(() => session.state.value.phase === 'ready'),
    isVisible: panel.isVisible,
    sawHead: thread.sawHead,
    onSessionOver: session.renew,
  });
  const shared = createSharedState(world.openChannel, (customer) => keyOf(customer, 'tabs'), {
    draft: ({ text }) => composer.adopt(text),
    seen: ({ conversation_id, up_to }) => thread.seenElsewhere(conversation_id, up_to),
    panel: ({ open }) => sharedPanel.follow(open),
  });

  const delivery = createDelivery({
    ...world,
    disk,
    site: siteId,
    session,
    thread,
    attachments,
    takesFiles,
    send: wire.send,
    isOnline: () => wire.live()?.state === 'online',
    onSay() {
      watch.noteActivity();
      thread.dropUnreadLine();
      panel.isAtBottom.value = true;
      void session.open();
    },
    onStored: (id) => emit('message_sent', { id }),
    onSessionOver: () => session.renew(token() ?? ''),
  });
  const composer = createComposer({
    storage,
    key: keyOf(delivery.owner(), 'draft'),
    send: (text) => void model.say(text),
    onKept: (text) => shared.tell('draft', { text }),
  });

  function onReady(answer: Session, { samePerson }: { samePerson: boolean }): void {
    batch(() => {
      const customer = answer.customer.id;
      const earlier = delivery.owner();
      if (customer !== earlier) {
        void delivery.handOver(customer, samePerson ? 'moves' : 'stays');
        if (samePerson) {
          attachments.peek()?.restart();
          moveKeys(storage, closesOf(earlier), closesOf(customer));
        }
        composer.moveTo(keyOf(customer, 'draft'), samePerson);
      }
      config.setSite(answer.site.config);
      site = answer.site;
      thread.start(answer);
      delivery.settle(answer.events);
      watch.noteReached();
      connect(answer.token, customer);
      delivery.begin();
    });
  }

  function connect(withToken: string, customer: string): void {
    shared.join(customer);
    if (panel.isOpen.peek()) shared.tell('panel', { open: true });
    wire.open({
      name: keyOf(customer, 'socket'),
      token: () => withToken,
      cursors: thread.cursors,
      onState(state) {
        if (state === 'offline') thread.stopTyping();
        if (state !== 'online') return;
        delivery.kick();
        if (storage.keys(closesOf(customer)).length > 0)
          void webViews.enter().then(
            (inside) => inside.flush(),
            () => {},
          );
        void watch.check();
        if (panel.isWatched.peek()) webViews.inside?.goOn();
      },
      onEvents(events) {
        thread.take(events);
        // In whichever conversation.
        delivery.settle(events);
      },
      onTyping: thread.showTyping,
      onTaken: ({ web_view_id, owner: by }) => webViews.inside?.taken(web_view_id, by),
      onSessionEnd: () => session.renew(withToken),
    });
  }

  /** Everything of this customer goes: here, on the wire, and from the disk too if `erase`. */
  function onEnd(customer: string, erase: boolean): void {
    batch(() => {
      webViews.inside?.drop();
      attachments.peek()?.drop();
      wire.close();
      shared.join(undefined);
      erased = delivery.handOver(nobody, erase ? 'erased' : 'stays');
      if (erase) {
        composer.erase();
        for (const key of storage.keys(keyOf(customer, ''))) storage.remove(key);
      }
      thread.reset();
      notice.value = undefined;
      composer.moveTo(keyOf(nobody, 'draft'), false);
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
    delivery.settle(events);
    webViews.inside?.take(events);
  }
  const webViews = createWebViewDoor((shown: ShownViews) =>
    world.loadWebViews({
      shown,
      ask: wire.ask,
      whenOnline: wire.whenOnline,
      site: () => site,
      ownOrigin: world.origin,
      owner: tab,
      storage,
      closesPrefix: () => closesOf(session.owner()),
      mostHeight: () => panel.height.peek() - 130,
      isWatched: () => panel.isWatched.peek(),
      focus(key) {
        panel.focusWish.value = { to: 'button', key };
      },
      onOpen: (id) => emit('web_view_open', { web_view_id: id }),
    }),
  );

  const typing = createTyping((on) => {
    const id = thread.conversation.peek()?.id;
    if (id) wire.tell('typing', { conversation_id: id, on });
  });

  const seen = createSeen(thread, isLooking, wire.state, (conversation_id, up_to) => {
    shared.tell('seen', { conversation_id, up_to });
    wire.read({ conversation_id, up_to });
  });
  const sharedPanel = createSharedPanel(
    panel,
    (open) => shared.tell('panel', { open }),
    () => model.minimise(true),
  );

  const model: Model = {
    ...delivery,
    config,
    panel,
    session,
    thread,
    composer,
    webViews,
    attachments,
    takesFiles,
    connection: watch.connection,
    hasRows: computed(() => delivery.waiting.value.length > 0 || !!thread.conversation.value?.timeline.length),
    notice,
    hasConversation: computed(() => thread.conversation.value !== undefined || delivery.waiting.value.length > 0),
    open(focus) {
      panel.open(focus);
      sharedPanel.tell(true);
      void session.open();
    },
    isUnreadKnown: computed(() => thread.conversation.value !== undefined || session.state.value.phase === 'ready'),
    minimised,
    openedElsewhere: sharedPanel.openedElsewhere,
    minimise(byCustomer = false) {
      if (!panel.isOpen.peek()) return;
      // Who puts it away has looked at it, however shortly.
      if (isLooking.peek()) seen.mark();
      panel.close();
      sharedPanel.tell(false);
      if (byCustomer) minimised.value++;
      if (thread.unread.peek().length === 0) thread.dropUnreadLine();
      composer.flush();
    },
    say(text) {
      typing.stop();
      return delivery.say(text);
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
      watch.noteActivity();
      typing.note();
    },
    wake() {
      const former = token();
      // Signed out, or somebody else, in another tab while this one slept.
      if (former && !session.isCurrent()) session.renew(former);
      shared.resume();
      composer.refresh();
      wire.live()?.resume();
      if (session.state.peek().phase === 'failed') void session.open();
      delivery.kick();
      watch.noteActivity();
      // Who wakes after a long sleep may have a socket that only looks connected.
      if (token()) void watch.check(1_500);
    },
    sleep() {
      composer.flush();
      webViews.inside?.pause();
      session.sleep();
      delivery.sleep();
      wire.live()?.pause();
      shared.pause();
    },
    on: (listener) => void listeners.push(listener),
    close() {
      seen.stop();
      typing.stop();
      session.stop();
      delivery.stop();
      wire.close();
      shared.join(undefined);
      watch.stop();
    },
  };
  return model;
}
