import { expect, test } from 'vitest';
import { stored } from './stored';
import { conversationPath, says, startTestServer } from './testServer';

test('what is stored is told from what was, in any table and by any change', async () => {
  const server = await startTestServer();
  const bot = await server.token(undefined, { bot: true });
  const { id, userId } = await server.conversation();
  const call = (method: string, path: string, body: object) => server.call(method, path, { token: bot.token, body });
  const changes: (() => Promise<unknown>)[] = [
    () => call('POST', conversationPath(id, '/messages'), says('x')),
    () => call('PUT', conversationPath(id), { status: 'assigned' }),
    () => call('PUT', conversationPath(id), { status: 'resolved' }),
    () => call('PUT', conversationPath(id), { status: 'reopened' }),
    () => call('PUT', conversationPath(id), { properties: { a: 1 } }),
    () => call('POST', conversationPath(id, '/read'), { up_to: 1 }),
    () => call('PUT', `/v2/users/${userId}`, { first_name: 'Ada' }),
    () => call('POST', '/v2/users', {}),
    () => server.token(['account:read']),
    () => server.webhook('http://127.0.0.1:1/hook'),
    () => server.site({ name: 'Another name' }),
  ];
  try {
    for (const change of changes) {
      const before = await stored(server.world);
      await change();
      expect(await stored(server.world), String(change)).not.toBe(before);
    }
    const before = await stored(server.world);
    await server.call('GET', conversationPath(id), bot);
    expect(await stored(server.world)).toBe(before);
  } finally {
    await server.stop();
  }
});
