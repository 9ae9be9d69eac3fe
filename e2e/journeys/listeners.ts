import type { CDPSession } from '@playwright/test';

/** How many listeners stand on what outlives the chat, as the developer tools tell. */
export async function listeners(session: CDPSession): Promise<Record<string, Record<string, number>>> {
  const count = (target: string) =>
    `Object.fromEntries(Object.entries(getEventListeners(${target})).filter(([name]) => !name.startsWith('__')).map(([name, all]) => [name, all.length]))`;
  const targets = ['window', 'document', 'document.documentElement', 'document.body', 'visualViewport'];
  const { result } = await session.send('Runtime.evaluate', {
    expression: `JSON.stringify({${targets.map((target) => `${JSON.stringify(target)}: ${count(target)}`)}})`,
    includeCommandLineAPI: true,
  });
  return JSON.parse(result.value);
}
