import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { Failure } from '../../client/failure';
import type { Live, LiveOptions } from '../../client/live';
import type { Rest } from '../../client/rest';
import { createWire } from './wire';

test('what was asked as one customer is not told to the next', async () => {
  let token = 'of ada';
  let answer = (_: unknown) => {};
  const rest = { events: () => new Promise((resolve) => (answer = resolve)) } as unknown as Rest;
  const wire = createWire(
    () => ({ state: 'offline' }) as Live,
    rest,
    () => token,
    signal(true),
  );

  const asked = wire.events({ conversation_id: 'of ada', after: 0 });
  token = 'of bo';
  answer({ events: [], seq: 1 });

  await expect(asked).rejects.toMatchObject({ kind: 'unreachable' });
});

test.each<[string, { isVisible: boolean; fails: string[] }, string[]]>([
  ['a visible tab asks the socket', { isVisible: true, fails: [] }, ['socket']],
  ['and HTTP when that fails', { isVisible: true, fails: ['socket'] }, ['socket', 'http']],
  ['a hidden tab asks over HTTP: the socket’s tab may be stuck', { isVisible: false, fails: [] }, ['http']],
  ['and the socket when that fails', { isVisible: false, fails: ['http'] }, ['http', 'socket']],
])('%s', async (_, { isVisible, fails }, expected) => {
  const asked: string[] = [];
  const answer = (way: string) => async () => {
    asked.push(way);
    if (fails.includes(way)) throw new Failure('timeout', 'no answer');
    return { events: [], seq: 1 };
  };
  const wire = createWire(
    () => ({ state: 'online', ask: answer('socket') }) as unknown as Live,
    { events: answer('http') } as unknown as Rest,
    () => 'token',
    signal(isVisible),
  );
  wire.open({} as LiveOptions);

  await wire.events({ conversation_id: 'c', after: 0 });

  expect(asked).toEqual(expected);
});

test('what was read is told over HTTP where there is no socket', async () => {
  const told: unknown[] = [];
  const rest = { read: async (...message: unknown[]) => void told.push(message) } as unknown as Rest;
  const wire = createWire(
    () => ({ state: 'offline' }) as Live,
    rest,
    () => 'token',
    signal(true),
  );
  wire.open({} as LiveOptions);

  wire.read({ conversation_id: 'c', up_to: 3 });

  expect(told).toEqual([['token', { conversation_id: 'c', up_to: 3 }]]);
});
