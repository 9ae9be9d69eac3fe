import { expect, test } from 'vitest';
import type { ClientMessages } from '../../protocol/live';
import type { CustomerSession } from '../access/sessions';
import { justBefore, webViewScene } from '../conversations/webViewScene';
import { newClientId } from '../testServer';
import { customerHandlers } from './handlers';

const scene = webViewScene();
const { open, tap, mine, read } = scene;

test.each([
  ['web_view_code', {}],
  ['web_view_beat', {}],
  ['web_view_pause', {}],
  ['web_view_save', { state: 1 }],
  ['web_view_submit', { result: {}, idempotency_key: newClientId() }],
  ['web_view_close', { reason: 'customer' }],
] as const)('%s of a tab from which the view is taken in that moment is refused', async (name, more) => {
  const opened = await open();
  const taken = justBefore(scene.world, () => tap({ ...opened, owner: newClientId() }));
  const handle = customerHandlers(taken)[name] as (
    session: CustomerSession,
    message: ClientMessages[typeof name],
  ) => Promise<unknown>;

  const asked = handle(
    { userId: opened.userId } as CustomerSession,
    { ...mine(opened), ...more } as ClientMessages[typeof name],
  );

  await expect(asked).rejects.toMatchObject({ code: 'WEB_VIEW_TAKEN' });
  expect((await read(opened.viewId)).body).toMatchObject({ state: 'open', submitted: false });
});
