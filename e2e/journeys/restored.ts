import type { Page } from '@playwright/test';

/**
 * Looks into the chat's frame on a page that came out of the back/forward cache. Playwright doesn't see the frames of such
 * a page; the browser's own debugging does, over a session of its own with the frame's process.
 */
export async function openRestoredChat(page: Page, origin: string) {
  const browser = page.context().browser();
  if (!browser) throw new Error('the context has no browser');
  const session = await browser.newBrowserCDPSession();
  // Those of pages that lie in the cache are targets too: the one that is on screen is the one that is visible.
  const evaluateIn = async (targetId: string, expression: string): Promise<unknown> => {
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
    const answered = new Promise<unknown>((resolve) => {
      const listener = (event: { sessionId: string; message: string }) => {
        const { id, result } = JSON.parse(event.message);
        if (event.sessionId !== sessionId || id !== 1) return;
        session.off('Target.receivedMessageFromTarget', listener);
        resolve(result?.result?.value);
      };
      session.on('Target.receivedMessageFromTarget', listener);
    });
    const params = { expression, returnByValue: true, awaitPromise: true };
    await session.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }),
    });
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, 1_000, undefined));
    const value = await Promise.race([answered, late]);
    await session.send('Target.detachFromTarget', { sessionId }).catch(() => {});
    return value;
  };
  return {
    /** The words in the log of the chat that is on screen, and how it stands with the connection. */
    async state(): Promise<{ status: string; words: string } | undefined> {
      const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'iframe' }] });
      for (const { targetId } of targetInfos.filter((target) => target.url.startsWith(`${origin}/widget/`))) {
        const found = (await evaluateIn(
          targetId,
          `document.visibilityState === 'visible' && ({
            status: document.querySelector('.status .dot')?.className ?? '',
            words: document.querySelector('[role=log]')?.innerText ?? '',
          })`,
        )) as { status: string; words: string } | undefined;
        if (found) return found;
      }
      return undefined;
    },
    close: () => session.detach(),
  };
}
