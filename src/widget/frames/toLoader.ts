import { effect, signal } from '@preact/signals';
import { openChannel } from '../../channel/channel';
import { sayHello } from '../../channel/hello';
import { flag, maybe, number, object, record, type Shape, text } from '../../client/shape';
import type { ToLoader, ToWidget } from '../../protocol/frame';
import { limits } from '../../protocol/limits';
import type { Model } from '../model/model';
import type { wordsOf } from '../model/words';
import type { HostPage } from './hostFrame';

const viewport = object<ToWidget['viewport']>({ phone: flag, height: number });
const nothing = object({});
const shapes: { [K in keyof ToWidget]: Shape<ToWidget[K]> } = {
  init: object<ToWidget['init']>({ config: record, open: flag, identity: maybe(text), locale: maybe(text), viewport }),
  open: object<ToWidget['open']>({ focus: flag }),
  close: nothing,
  config: object<ToWidget['config']>({ config: record }),
  viewport,
  host_view: nothing,
  identify: object<ToWidget['identify']>({ identity: text }),
  logout: nothing,
  send: object<ToWidget['send']>({ text }),
};

/**
 * Our end of the talk with the script on the host page. Whoever frames this document is allowed to (`frame-ancestors`), and gets ids and counts;
 * words only for the peek beside the launcher.
 *
 * @param onLocale the page's language
 * @returns the page around, which may lend its room to web views
 */
export async function connectToLoader(
  window: Window,
  model: Model,
  onLocale: (locale: string | undefined) => void,
): Promise<HostPage> {
  const { port, origin } = await sayHello({
    window,
    parent: window.parent,
    targets: ['*'],
    hello: 'widget',
    welcome: 'loader',
    accept: () => true,
  });
  const lacking = new AbortController();
  const channel = openChannel<ToWidget, ToLoader>(port, {
    handlers: {
      init({ config, open, identity, locale, viewport }) {
        onLocale(locale);
        model.config.setPage(config);
        model.panel.setPhone(viewport.phone);
        if (identity) void model.session.identify(identity, false).catch(() => {});
        if (open) model.open(false);
        else if (model.session.canResume()) void model.session.open();
        channel.notify('event', { name: 'ready', data: {} });
      },
      open: ({ focus }) => model.open(focus),
      close: () => model.minimise(),
      config: ({ config }) => model.config.setPage(config),
      viewport: ({ phone }) => model.panel.setPhone(phone),
      host_view: () => lacking.abort(),
      async identify({ identity }) {
        const id = await model.identify(identity);
        return id ? { customer_id: id } : {};
      },
      async logout() {
        await model.logout();
        return {};
      },
      send({ text }) {
        if (text.trim() === '') throw new Error('expected text that is not blank');
        if ([...text].length > limits.textCodePoints)
          throw new Error(`expected at most ${limits.textCodePoints} code points`);
        return { id: model.say(text) };
      },
    },
    check: (type, data) => shapes[type as keyof ToWidget](data),
    onFault: (fault) => console.warn(`guichet: from the host page: ${fault}`),
  });
  model.on((name, data) => channel.notify('event', { name, data }));

  let wasReturning = false;
  const words = signal<typeof wordsOf | undefined>(undefined);
  effect(() => {
    const { brand_color, position, launcher } = model.config.value.value;
    channel.notify('launcher', {
      ...(brand_color ? { brand_color } : {}),
      ...(position ? { position } : {}),
      ...(launcher ? { launcher } : {}),
    });
  });
  effect(() => {
    const isReturning = model.hasConversation.value;
    const isKnown = isReturning || wasReturning || model.session.state.value.phase === 'ready';
    if (isKnown && !(wasReturning === isReturning && wasReturning))
      channel.notify('returning', { returning: isReturning });
    wasReturning = isReturning;
  });
  effect(() => {
    if (!model.isUnreadKnown.value) return;
    const unread = model.panel.isWatched.value ? [] : model.thread.unread.value;
    const newest = unread.at(-1);
    const isAllowed = model.config.value.value.features?.peek !== false;
    if (newest && !words.value) {
      // Reading a message's words comes with the first message; until then there is its count.
      import('../model/words').then(
        ({ wordsOf }) => {
          words.value = wordsOf;
        },
        () => {},
      );
    }
    const text = isAllowed && newest && words.value?.(newest);
    channel.notify('event', { name: 'unread', data: { count: unread.length } });
    channel.notify('unread', {
      count: unread.length,
      ...(newest && text ? { peek: { name: newest.actor_name ?? '', text } } : {}),
    });
  });
  effect(() => {
    // The customer minimised it here; where the loader did, it hears what it knows.
    if (model.minimised.value > 0) channel.notify('close', {});
  });
  effect(() => {
    if (model.openedElsewhere.value > 0) channel.notify('open', {});
  });
  return {
    origin,
    async portForView() {
      channel.notify('host_view', {});
      const { port } = await sayHello({
        window,
        parent: window.parent,
        targets: [origin],
        hello: 'view',
        welcome: 'host',
        accept: (from) => from === origin,
        signal: lacking.signal,
        timeoutMs: 4_000,
      });
      return port;
    },
  };
}
