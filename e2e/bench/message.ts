/**
 * What a message costs on this machine, beside the least that it could: in each round, one after the other,
 *
 * - send:    a customer's message on the socket, until it is acknowledged (stored and synced to disk)
 * - bot:     a bot's POST, until its event is on the customer's socket
 * - painted: a bot's POST, until the browser has painted its message in the open widget
 * - echo:    a bare socket.io server that acknowledges, in a process of its own
 * - insert:  one bare insert into SQLite with the same durability, in this process
 *
 * The medians of all rounds are compared, so that a machine that is busy for a while slows all of them alike. What is painted waits
 * for the next frame of the screen, 17 ms apart, which is no cost of ours and in the figure all the same.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { io, type Socket } from 'socket.io-client';
import { openChat, startWorld } from '../hostile/world';
import { launchBrowser } from '../support/browser';
import { fetchLoopback, lookupLoopback } from '../support/loopback';
import { repository } from '../support/program';
import { type BuiltServer, startServer } from '../support/server';

const rounds = 40;
const perRound = 10;
const warmUp = 5;

/** What is measured; what has something to prepare gives its milliseconds itself. */
type Timed = () => Promise<unknown> | unknown;

export async function bench(): Promise<void> {
  const close: (() => unknown)[] = [];
  try {
    const server = await startServer({
      GUICHET_LIMIT_CUSTOMER: '1000000',
      GUICHET_LIMIT_TOKEN: '1000000',
      GUICHET_LOG_LEVEL: 'warn',
    });
    close.push(() => server.stop());
    const ours = await conversation(server);
    close.push(ours.close);
    const widget = await openWidget();
    close.push(widget.close);
    const echo = await bareEcho();
    close.push(echo.close);
    const insert = bareInsert();
    close.push(insert.close);

    report(
      await measure({
        send: ours.send,
        bot: ours.bot,
        painted: widget.bot,
        echo: echo.send,
        insert: insert.insert,
      }),
    );
  } finally {
    for (const undo of close.reverse()) await undo();
  }
}

async function measure(measured: Record<string, Timed>): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(measured).map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [name, act] of Object.entries(measured)) {
      for (let n = 0; n < perRound; n += 1) {
        const start = performance.now();
        const own = await act();
        const took = typeof own === 'number' ? own : performance.now() - start;
        if (round >= 0) times[name]?.push(took);
      }
    }
  }
  return times;
}

function report(times: Record<string, number[]>) {
  const at = (values: number[], share: number) =>
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
  const median = (name: string) => at(times[name] ?? [], 0.5);
  const floor = median('echo') + median('insert');
  console.log(`\nmessage: ${rounds} rounds of ${perRound}, one at a time`);
  console.log('              median       p95   against echo + insert');
  for (const [name, values] of Object.entries(times)) {
    const ms = (value: number) => `${value.toFixed(2)} ms`.padStart(10);
    const against =
      name === 'send' || name === 'bot' || name === 'painted'
        ? `${(median(name) / floor).toFixed(1)} ×`.padStart(12)
        : '';
    console.log(`${name.padEnd(10)}${ms(median(name))}${ms(at(values, 0.95))}${against}`);
  }
}

/** A customer on the socket and a bot on /v2, in one conversation of the built server. */
async function conversation(server: BuiltServer) {
  await server.addSite();
  const { token } = await server.createToken({ bot: true });
  const session = await post(`${server.origin}/widget/v1/session`, { site: 'ag-bank' });
  const socket = io(server.origin, {
    path: '/widget/v1/socket',
    transports: ['websocket'],
    auth: { token: session.token, cursors: {} },
    agent: new Agent({ lookup: lookupLoopback }) as never,
    extraHeaders: { origin: server.origin },
  });
  await connected(socket);

  let conversation: { conversation_id?: string } = {};
  const send = async () => {
    const content = { text: 'What does it cost?' };
    const ack = await socket.emitWithAck('send', { client_id: randomUUID(), ...conversation, content });
    if (!ack.ok) throw new Error(`send was refused: ${JSON.stringify(ack.error)}`);
    return ack.value as { conversation_id: string };
  };
  const { conversation_id } = await send();
  conversation = { conversation_id }; // As the widget does.

  const bot = async () => {
    const client_id = randomUUID();
    const arrived = new Promise<void>((resolve) => {
      const look = (events: { data?: { message?: { client_id?: string } } }[]) => {
        if (!JSON.stringify(events).includes(client_id)) return;
        socket.off('events', look);
        resolve();
      };
      socket.on('events', look);
    });
    await post(
      `${server.origin}/v2/conversations/${conversation_id}/messages`,
      { message_parts: [{ text: { content: 'Nothing at all.' } }], actor_type: 'bot', client_id },
      { authorization: `Bearer ${token}` },
    );
    await arrived;
  };
  return { send, bot, close: () => socket.close() };
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetchLoopback(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const json = (await answer.json()) as { token: string };
  if (!answer.ok) throw new Error(`POST ${url} gave ${answer.status}: ${JSON.stringify(json)}`);
  return json;
}

/** The widget, open in a browser, and a bot that writes to it; its server has a webhook as well. */
async function openWidget() {
  const world = await startWorld({ GUICHET_LOG_LEVEL: 'warn' });
  const { browser, close } = await launchBrowser();
  const talk = await world.talk();
  const { widget } = await openChat(await browser.newPage(), world.hostPage(talk));
  await widget.evaluate(() => {
    const painted = (text: string) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (!document.querySelector('[role=log]')?.textContent?.includes(text)) return;
          observer.disconnect();
          requestAnimationFrame(() => {
            const afterwards = new MessageChannel();
            afterwards.port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
            afterwards.port2.postMessage(undefined);
          });
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        look();
      });
    Object.assign(window, { painted });
  });
  return {
    async bot() {
      const text = `Nothing at all: ${randomUUID()}`;
      await widget.evaluate((text) => {
        const { painted } = window as unknown as { painted: (text: string) => Promise<number> };
        Object.assign(window, { awaited: painted(text) });
      }, text);
      const start = performance.now();
      await talk.post([{ text: { content: text } }]);
      const end = await widget.evaluate<number>('awaited');
      return end - performance.timeOrigin - start;
    },
    async close() {
      await close();
      await world.stop();
    },
  };
}

/** socket.io with nothing around it. */
async function bareEcho() {
  const child = fork(join(repository, 'e2e/bench/peers/bareEcho.mjs'), { stdio: 'inherit' });
  const [port] = (await once(child, 'message')) as [number];
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
  await connected(socket);
  return {
    send: () => socket.emitWithAck('send', { client_id: randomUUID(), content: { text: 'What does it cost?' } }),
    close: () => {
      socket.close();
      child.kill();
    },
  };
}

/** The same database library and durability as the server's, with one small table. */
function bareInsert() {
  const folder = mkdtempSync(join(tmpdir(), 'guichet-bench-'));
  const database = new Database(join(folder, 'bare.db'));
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE message (id TEXT PRIMARY KEY, body TEXT NOT NULL)');
  const statement = database.prepare('INSERT INTO message (id, body) VALUES (?, ?)');
  const body = JSON.stringify({ message_parts: [{ text: { content: 'What does it cost?' } }] });
  return {
    insert: () => statement.run(randomUUID(), body),
    close: () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
