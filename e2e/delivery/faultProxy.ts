/**
 * A TCP proxy on loopback whose network is as bad as it is told to be. One proxy is one client's network: `weather` counts
 * for all of its connections, those that are open as well as new ones.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { between, type Random } from '../support/seededNumbers';

export type Direction = 'up' | 'down';
/** `up` is from the client to the server. */
export type Weather = {
  /** Milliseconds by which data is late, at least and at most. */
  delay: readonly [number, number];
  /** Data waits until this is false again. */
  isStalled: boolean;
  /** Data is thrown away; a connection that lost some never carries anything in that direction again. */
  swallows: readonly Direction[];
  isSplit: boolean;
  /** Connections are reset once so many bytes went down from now on. */
  resetAfter: number;
  refuses: boolean;
  bytesPerSecond: number;
  upgrades: 'pass' | 'swallow' | 'block';
};
const fair: Weather = {
  delay: [0, 0],
  isStalled: false,
  swallows: [],
  isSplit: false,
  resetAfter: Number.POSITIVE_INFINITY,
  refuses: false,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  upgrades: 'pass',
};

export type FaultProxy = {
  readonly port: number;
  readonly url: string;
  change(weather: Partial<Weather>): void;
  /** Nothing is wrong with the network any longer; connections that are dead stay so. */
  clear(...what: (keyof Weather)[]): void;
  /** Resets all connections. */
  reset(): void;
  /** All connections that are open now carry nothing any more, and don't end. */
  blackHole(): void;
  /** How much went through, and how often what was done to it. */
  readonly counts: { connections: number; bytes: number; resets: number; swallowed: number };
  stop(): Promise<void>;
};

export async function openFaultProxy(to: number, random: Random): Promise<FaultProxy> {
  const weather: Weather = { ...fair };
  const pairs = new Set<Pair>();
  const counts = { connections: 0, bytes: 0, resets: 0, swallowed: 0 };
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (weather.refuses) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    counts.connections += 1;
    const pair = new Pair(client, to, weather, random, counts, () => pairs.delete(pair));
    pairs.add(pair);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const reset = () => {
    for (const pair of pairs) pair.reset();
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    counts,
    change: (changed) => void Object.assign(weather, changed),
    clear: (...what) =>
      void Object.assign(
        weather,
        what.length === 0 ? fair : Object.fromEntries(what.map((name) => [name, fair[name]])),
      ),
    reset,
    blackHole() {
      for (const pair of pairs) pair.blackHole();
    },
    async stop() {
      const closed = once(listener, 'close');
      listener.close();
      reset();
      await closed;
    },
  };
}

/** A client's connection and the one to the server that belongs to it. */
class Pair {
  #client: Socket;
  #server: Socket;
  #up: Pump;
  #down: Pump;
  #isFirst = true;

  constructor(
    client: Socket,
    to: number,
    weather: Weather,
    random: Random,
    counts: FaultProxy['counts'],
    onEnd: () => void,
  ) {
    this.#client = client;
    this.#server = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pumpTo = (target: Socket, direction: Direction) =>
      new Pump(target, direction, weather, random, counts, () => this.reset());
    this.#up = pumpTo(this.#server, 'up');
    this.#down = pumpTo(client, 'down');
    client.on('data', (data) => {
      if (this.#isFirst && /^GET [^\r]*\r\n(.*\r\n)*upgrade: websocket/i.test(data.toString('latin1'))) {
        if (weather.upgrades === 'swallow') this.blackHole();
        if (weather.upgrades === 'block') {
          client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
          this.#server.destroy();
          return;
        }
      }
      this.#isFirst = false;
      this.#up.take(data);
    });
    this.#server.on('data', (data) => this.#down.take(data));
    for (const [socket, pump, other] of [
      [client, this.#up, this.#down],
      [this.#server, this.#down, this.#up],
    ] as const) {
      socket.on('end', () => {
        // The other side isn't to hear of it; this one is done with.
        if (pump.isDead) socket.end();
        pump.end();
      });
      socket.on('error', () => pump.reset());
      socket.on('close', () => {
        other.stop();
        if (client.destroyed && this.#server.destroyed) onEnd();
      });
    }
  }

  reset() {
    for (const socket of [this.#client, this.#server]) {
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  blackHole() {
    this.#up.isDead = true;
    this.#down.isDead = true;
  }
}

/** One direction of a connection. */
class Pump {
  isDead = false;
  #queue: { data: Buffer; due: number }[] = [];
  #isEnding = false;
  #isStopped = false;
  #isRunning = false;
  /** Bytes since resets were asked for. */
  #since = 0;

  constructor(
    private readonly target: Socket,
    private readonly direction: Direction,
    private readonly weather: Weather,
    private readonly random: Random,
    private readonly counts: FaultProxy['counts'],
    private readonly cut: () => void,
  ) {}

  take(data: Buffer) {
    if (this.weather.swallows.includes(this.direction)) this.isDead = true;
    if (this.isDead) {
      this.counts.swallowed += data.length;
      return;
    }
    const due = performance.now() + between(this.random, ...this.weather.delay);
    // What was said first arrives first: this is a connection.
    this.#queue.push({ data, due: Math.max(due, this.#queue.at(-1)?.due ?? 0) });
    void this.#run();
  }

  end() {
    this.#isEnding = true;
    void this.#run();
  }
  reset() {
    if (!this.isDead && !this.target.destroyed) this.cut();
  }
  stop() {
    this.#isStopped = true;
    this.#queue = [];
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#queue.shift(); next && !this.#isStopped; next = this.#queue.shift()) {
      const wait = next.due - performance.now();
      if (wait > 1) await pause(wait);
      for (const piece of this.weather.isSplit ? pieces(next.data, this.random) : [next.data]) {
        while (this.weather.isStalled && !this.#isStopped) await pause(20);
        const { bytesPerSecond } = this.weather;
        if (Number.isFinite(bytesPerSecond)) await pause((piece.length / bytesPerSecond) * 1_000);
        if (this.#isStopped || this.isDead) break;
        if (!this.#write(piece)) break;
        if (this.weather.isSplit) await pause(0);
      }
    }
    this.#isRunning = false;
    if (this.#isEnding && !this.isDead && !this.#isStopped) this.target.end();
  }

  #write(piece: Buffer): boolean {
    const { resetAfter } = this.weather;
    const isCounted = this.direction === 'down' && Number.isFinite(resetAfter);
    this.#since = isCounted ? this.#since + piece.length : 0;
    const over = isCounted ? this.#since - resetAfter : 0;
    const rest = over > 0 ? piece.subarray(0, Math.max(0, piece.length - over)) : piece;
    this.counts.bytes += rest.length;
    if (over <= 0) {
      this.target.write(rest);
      return true;
    }
    this.counts.resets += 1;
    this.stop();
    this.target.write(rest, this.cut);
    return false;
  }
}

/** A few bytes each, of long data the first part; so that frames and headers are torn apart wherever they can be. */
function pieces(data: Buffer, random: Random): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  while (at < Math.min(data.length, 1_500)) {
    const length = 1 + Math.floor(random() * 40);
    found.push(data.subarray(at, Math.min(at + length, data.length)));
    at += length;
  }
  if (at < data.length) found.push(data.subarray(at));
  return found;
}
