import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerHello, sayHello } from './hello';

/** A window as far as messages go: `postMessage` delivers to itself, with the source and origin that the test says. */
class FakeWindow extends EventTarget {
  constructor(readonly origin: string) {
    super();
  }
  readonly heard: Array<{ data: unknown; target: string }> = [];
  from: { source: unknown; origin: string } = { source: null, origin: '' };
  postMessage(data: unknown, target: string, ports: MessagePort[] = []) {
    this.heard.push({ data, target });
    if (target !== '*' && target !== this.origin) return;
    this.deliver(data, this.from, ports);
  }
  deliver(data: unknown, { source, origin }: { source: unknown; origin: string }, ports: MessagePort[] = []) {
    this.dispatchEvent(Object.assign(new Event('message'), { data, source, origin, ports }));
  }
}

const chat = 'https://chat.example';
const bank = 'https://bank.example';
const stops: Array<() => void> = [];
afterEach(() => {
  vi.useRealTimers();
  for (const stop of stops.splice(0)) stop();
});

function twoWindows() {
  const parent = new FakeWindow(bank);
  const child = new FakeWindow(chat);
  parent.from = { source: child, origin: chat };
  child.from = { source: parent, origin: bank };
  const as = (window: FakeWindow) => window as unknown as Window;
  const ports: MessagePort[] = [];
  const answer = () => {
    const stop = answerHello({
      window: as(parent),
      frame: () => as(child),
      origin: chat,
      hello: 'widget',
      welcome: 'loader',
      onPort: (port) => {
        ports.push(port);
        stops.push(() => port.close());
      },
    });
    stops.push(stop);
    return stop;
  };
  const say = (more: Partial<Parameters<typeof sayHello>[0]> = {}) => {
    const abort = new AbortController();
    stops.push(() => abort.abort());
    const said = sayHello({
      window: as(child),
      parent: as(parent),
      targets: ['*'],
      hello: 'widget',
      welcome: 'loader',
      accept: (origin) => origin === bank,
      signal: abort.signal,
      ...more,
    });
    said.catch(() => {});
    return said;
  };
  return { parent, child, ports, answer, say };
}

describe('hello and welcome', () => {
  it('give both sides the ends of one port', async () => {
    const { ports, answer, say } = twoWindows();
    answer();

    const { port, origin } = await say();
    const heard = new Promise((resolve) => {
      port.onmessage = ({ data }) => resolve(data);
    });
    stops.push(() => port.close());
    ports[0]?.postMessage('over the port');

    expect(origin).toBe(bank);
    expect(ports).toHaveLength(1);
    expect(await heard).toBe('over the port');
  });

  it('find each other when the parent listens late, and then exactly once', async () => {
    vi.useFakeTimers();
    const { parent, ports, answer, say } = twoWindows();
    const said = say();

    await vi.advanceTimersByTimeAsync(1_000);
    answer();
    await vi.advanceTimersByTimeAsync(2_000);
    await said;
    const hellos = parent.heard.length;
    await vi.advanceTimersByTimeAsync(60_000);

    expect(ports).toHaveLength(1);
    expect(hellos).toBeGreaterThan(3);
    expect(parent.heard).toHaveLength(hellos);
  });

  it('make one port of repeats that piled up while the parent was busy', async () => {
    const { parent, child, ports, answer } = twoWindows();
    answer();

    for (let i = 0; i < 3; i++) parent.deliver({ guichet: 1, hello: 'widget', id: 5 }, { source: child, origin: chat });

    expect(ports).toHaveLength(1);
  });

  it('make a new port for the next document of the same frame', () => {
    const { parent, child, ports, answer } = twoWindows();
    answer();

    parent.deliver({ guichet: 1, hello: 'widget', id: 5 }, { source: child, origin: chat });
    parent.deliver({ guichet: 1, hello: 'widget', id: 6 }, { source: child, origin: chat });

    expect(ports).toHaveLength(2);
  });

  it('reveal nothing: the welcome goes to exactly the origin that is expected', () => {
    const { parent, child, answer } = twoWindows();
    answer();

    parent.deliver({ guichet: 1, hello: 'widget' }, { source: child, origin: chat });

    expect(child.heard).toEqual([{ data: { guichet: 1, welcome: 'loader' }, target: chat }]);
  });
});

describe('the parent stays silent to', () => {
  const hello = { guichet: 1, hello: 'widget' };
  const stranger = new FakeWindow(chat);

  it.each([
    ['another window of the right origin', hello, { source: stranger, origin: chat }],
    ['the right window after it went elsewhere', hello, { origin: 'https://evil.example' }],
    ['an opaque origin', hello, { origin: 'null' }],
    ['an origin that only begins alike', hello, { origin: `${chat}.evil.example` }],
    ['a hello of another kind', { guichet: 1, hello: 'page' }, {}],
    ['another version', { guichet: 2, hello: 'widget' }, {}],
    ['traffic of others', { type: 'webpackOk' }, {}],
    ['text', 'guichet', {}],
    ['null', null, {}],
  ])('%s', (_, data, from) => {
    const { parent, child, ports, answer } = twoWindows();
    answer();

    parent.deliver(data, { source: child, origin: chat, ...from });

    expect(ports).toEqual([]);
    expect(child.heard).toEqual([]);
  });

  it('everybody, when there is no frame or it was stopped', () => {
    const { parent, child, ports, answer } = twoWindows();
    const stop = answer();
    const none = vi.fn();
    stops.push(
      answerHello({
        window: parent as unknown as Window,
        frame: () => null,
        origin: chat,
        hello: 'widget',
        welcome: 'loader',
        onPort: none,
      }),
    );

    stop();
    parent.deliver(hello, { source: null, origin: chat });
    parent.deliver(hello, { source: child, origin: chat });

    expect(ports).toEqual([]);
    expect(none).not.toHaveBeenCalled();
  });
});

describe('the child takes no welcome', () => {
  it.each([
    ['from a window that is not its parent', { guichet: 1, welcome: 'loader' }, { source: {} }],
    ['from an origin it does not accept', { guichet: 1, welcome: 'loader' }, { origin: 'https://evil.example' }],
    ['of another kind', { guichet: 1, welcome: 'widget' }, {}],
    ['in other words', { hi: 1 }, {}],
  ])('%s', async (_, data, from) => {
    const { parent, child, say } = twoWindows();
    const said = say({ timeoutMs: 30 });
    const { port1 } = new MessageChannel();
    stops.push(() => port1.close());

    child.deliver(data, { source: parent, origin: bank, ...from }, [port1]);

    await expect(said).rejects.toMatchObject({ code: 'timeout' });
  });

  it('without a port', async () => {
    const { parent, child, say } = twoWindows();
    const said = say({ timeoutMs: 30 });

    child.deliver({ guichet: 1, welcome: 'loader' }, { source: parent, origin: bank });

    await expect(said).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('the child gives up', () => {
  it('when it is told to, before or after it began, and leaves no timer and no listener', async () => {
    vi.useFakeTimers();
    const { parent, say } = twoWindows();
    const abort = new AbortController();
    const said = say({ signal: abort.signal, timeoutMs: 5_000 });

    abort.abort();

    await expect(said).rejects.toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
    const before = parent.heard.length;
    await expect(say({ signal: abort.signal })).rejects.toMatchObject({ code: 'closed' });
    expect(parent.heard).toHaveLength(before);
  });

  it('when a target is refused by the browser', async () => {
    const { parent, say } = twoWindows();
    parent.postMessage = () => {
      throw new SyntaxError('Invalid target origin');
    };

    await expect(say({ targets: ['not an origin'] })).rejects.toThrow('Invalid target origin');
  });

  it('speaks to each target that was named and to no other', () => {
    const { parent, say } = twoWindows();

    say({ targets: ['https://a.example', 'https://b.example'] });

    expect(parent.heard.map((one) => one.target)).toEqual(['https://a.example', 'https://b.example']);
  });
});
