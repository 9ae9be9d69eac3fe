import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel } from '../../protocol/rest/channels';
import type { Agent, Group } from '../../protocol/rest/people';
import { readConfig } from '../config';
import { startTestServer, type TestServer } from '../testServer';
import { readCommand, runFromCommandLine, UsageError } from './cli';

test.each<[string[], object]>([
  [['agent', 'add', 'Grace'], { first_name: 'Grace', actor_type: 'agent' }],
  [
    ['agent', 'add', ' Grace Brewster  Hopper ', '--email', 'g@b.example'],
    { first_name: 'Grace', last_name: 'Brewster Hopper', email: 'g@b.example', actor_type: 'agent' },
  ],
  [['agent', 'add', 'Freddy', '--bot'], { first_name: 'Freddy', actor_type: 'bot' }],
  [['group', 'add', 'Cards', '--member', 'a', '--member', 'b'], { name: 'Cards', agents: ['a', 'b'] }],
  [['channel', 'set', 'c', '--name', 'N', '--group', 'none'], { id: 'c', name: 'N', assign_to_group: null }],
  [
    ['token', 'create', '--name', 'Desk', '--scope', 'x', '--agent-id', 'a'],
    { name: 'Desk', scopes: ['x'], agent_id: 'a' },
  ],
])('%j means %j', (words, input) => {
  expect(readCommand(words).input).toEqual(input);
});

test.each<[string, RegExp]>([
  ['agent add', /needs a name/],
  ['agent add X --agent', /does not take --agent/],
  ['agent remove', /needs an agent id/],
  ['group add', /needs a name/],
  ['group remove', /needs a group id/],
  ['channel set', /needs a channel id/],
  ['channel set x', /needs something to set/],
  ['channel set x --welcome /nowhere.json', /--welcome \/nowhere\.json/],
  ['channel remove x', /no command/],
  ['token create --name X --scope a --bot --agent-id y', /exclude each other/],
])('%j is refused with what is wrong about it', (line, message) => {
  const words = line.split(' ');

  expect(() => readCommand(words)).toThrow(UsageError);
  expect(() => readCommand(words)).toThrow(message);
});

describe.each(['online', 'offline'] as const)('%s', (mode) => {
  let dataDir: string;
  let server: TestServer | undefined;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'guichet-people-'));
    server = await startTestServer({ dataDir });
    if (mode === 'offline') {
      await server.stop();
      server = undefined;
    }
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(dataDir, { recursive: true });
  });
  const run = async <T>(...words: string[]): Promise<T> => {
    const printed: string[] = [];
    await runFromCommandLine(readConfig({ GUICHET_DATA: dataDir }), [...words, '--json'], (text) => printed.push(text));
    return JSON.parse(printed[0] as string) as T;
  };

  test('agents and bots are added, listed, bound to tokens, and removed', async () => {
    const { agent } = await run<{ agent: Agent }>('agent', 'add', 'Grace Hopper', '--email', 'grace@bank.example');
    await run('agent', 'add', 'Freddy', '--bot');

    expect(agent).toMatchObject({ first_name: 'Grace', last_name: 'Hopper', actor_type: 'agent' });
    await expect(run('agent', 'add', 'X', '--email', 'grace@bank.example')).rejects.toThrow(/ALREADY_EXISTS/);
    await expect(run('agent', 'add', ' ')).rejects.toThrow(/INVALID_VALUE.*first_name/);
    const create = ['token', 'create', '--name', 'Desk', '--scope', 'account:read', '--agent-id'];
    const made = await run<{ token: string; agent_id: string }>(...create, agent.id);
    expect(made.agent_id).toBe(agent.id);
    await expect(run(...create, 'nobody')).rejects.toThrow(/AGENT_NOT_FOUND/);
    const works = async () => (await server?.call('GET', '/v2/accounts/configuration', { token: made.token }))?.status;
    if (server) expect(await works()).toBe(200);

    expect(await run('agent', 'remove', agent.id)).toEqual({ removed: agent.id });

    if (server) expect(await works()).toBe(401);
    const { agents } = await run<{ agents: Agent[] }>('agent', 'list');
    expect(agents.map(({ first_name, is_deactivated }) => [first_name, is_deactivated])).toEqual([
      ['Grace', true],
      ['Freddy', false],
    ]);
    await expect(run('agent', 'remove', 'nobody')).rejects.toThrow(/AGENT_NOT_FOUND/);
  });

  test('groups are added, given a channel’s conversations, and removed', async () => {
    const { agent } = await run<{ agent: Agent }>('agent', 'add', 'Ada');
    const { group } = await run<{ group: Group }>('group', 'add', 'Cards', '--member', agent.id);
    const [channel] = (await run<{ channels: Channel[] }>('channel', 'list')).channels;
    const id = channel?.id as string;

    expect(group.agents).toMatchObject([{ id: agent.id }]);
    await expect(run('group', 'add', 'X', '--member', 'nobody')).rejects.toThrow(/AGENT_NOT_FOUND/);
    const set = async (...words: string[]) => (await run<{ channel: Channel }>('channel', 'set', id, ...words)).channel;
    expect(await set('--group', group.id, '--name', 'Bank')).toMatchObject({ assign_to_group: group.id, name: 'Bank' });
    expect(await set('--group', 'none')).not.toHaveProperty('assign_to_group');
    await set('--group', group.id);
    await run('group', 'remove', group.id);
    expect((await run<{ groups: Group[] }>('group', 'list')).groups).toEqual([]);
    expect((await run<{ channels: Channel[] }>('channel', 'list')).channels[0]).not.toHaveProperty('assign_to_group');
  });

  test('a channel’s welcome message comes from a file, looked through before it is kept', async () => {
    const [channel] = (await run<{ channels: Channel[] }>('channel', 'list')).channels;
    const file = join(dataDir, 'welcome.json');
    const set = (content: string) => {
      writeFileSync(file, content);
      return run<{ channel: Channel }>('channel', 'set', channel?.id as string, '--welcome', file);
    };

    const welcome = { message_parts: [{ text: { content: 'How can we help?' } }] };
    expect((await set(JSON.stringify(welcome))).channel.welcome_message).toMatchObject(welcome);
    await expect(set('{"message_parts":[{"text":{"content":""}}]}')).rejects.toThrow(/welcome_message\.message_parts/);
    await expect(set('{')).rejects.toThrow(/--welcome/);
    expect((await set('null')).channel).not.toHaveProperty('welcome_message');
  });
});
