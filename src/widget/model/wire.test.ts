import { expect, test } from 'vitest';
import type { Live } from '../../client/live';
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
  );

  const asked = wire.events({ conversation_id: 'of ada', after: 0 });
  token = 'of bo';
  answer({ events: [], seq: 1 });

  await expect(asked).rejects.toMatchObject({ kind: 'unreachable' });
});
