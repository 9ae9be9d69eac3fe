import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { root } from '../repository';
import { Child } from './child';
import { choosePorts } from './ports';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function program(source: string) {
  const port = await freePort();
  await writeFile(join(folder, 'program.mjs'), source);
  const told: string[] = [];
  const child = new Child(
    {
      name: 'program',
      file: relative(root, join(folder, 'program.mjs')),
      env: { PORT: String(port) },
      origin: `http://program.localhost:${port}`,
    },
    folder,
    (_name, text) => told.push(text),
  );
  return { child, told };
}
const serves = `
import { createServer } from 'node:http';
createServer((_request, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
console.error('warning: something to know');
setTimeout(() => console.error('warning: something later'), 500);
`;
const isRunning = (pid: number | undefined) => {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
};

it('starts a program, starts it again when it is killed, and stops it', async () => {
  const { child, told } = await program(serves);
  await child.start();
  const first = child.pid;

  process.kill(first ?? 0, 'SIGKILL');
  await expect.poll(() => child.pid !== first && isRunning(child.pid), { timeout: 5_000 }).toBe(true);
  const second = child.pid;
  await child.stop();

  expect(isRunning(second)).toBe(false);
  expect(told).toContain('ended by SIGKILL; starting it again in 0.5 s');
}, 20_000);

it('keeps its lines in a log and shows its warnings', async () => {
  const { child, told } = await program(serves);
  await child.start();
  await expect.poll(() => told, { timeout: 5_000 }).toContain('warning: something later');
  await child.stop();

  expect(await readFile(join(folder, 'program.log'), 'utf8')).toContain('warning: something to know');
}, 20_000);

it('says with its last words why it could not start', async () => {
  const { child } = await program("console.error('error: no key'); process.exitCode = 3;");

  await expect(child.start()).rejects.toThrow(/could not start \(ended with code 3\)[\s\S]*no key/);
}, 20_000);

it('ends when whoever started it is gone, even if it would go on for ever', async () => {
  await writeFile(join(folder, 'program.mjs'), 'setInterval(() => {}, 1_000); console.log("up");');
  const tether = pathToFileURL(join(root, 'demo/run/tether.mjs')).href;
  const child = spawn(process.execPath, ['--import', tether, join(folder, 'program.mjs')], { stdio: 'pipe' });
  await once(child.stdout, 'data');

  child.stdin.destroy();
  await once(child, 'exit');

  expect(child.signalCode).toBe('SIGTERM');
}, 20_000);

it('takes the ports it is told to, or says which can’t be had', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };

  await expect(choosePorts(String(port), () => {})).rejects.toThrow(new RegExp(`${port}.* can't be had`));
  await expect(choosePorts('4180x', () => {})).rejects.toThrow(/has to be a port number/);
  await expect(choosePorts('65532', () => {})).rejects.toThrow(/1 to 65531/);
  server.close();
});
