import type { Page } from '@playwright/test';

/**
 * The browser's own Back and Forward, as its buttons press them. `page.goBack()` waits for a document of the page to
 * change, which a step inside a frame doesn't do.
 */
export async function browserHistory(page: Page) {
  const session = await page.context().newCDPSession(page);
  const read = () => session.send('Page.getNavigationHistory');
  const step = async (by: number) => {
    const { currentIndex, entries } = await read();
    const entry = entries[currentIndex + by];
    if (!entry) throw new Error(`no history entry at ${currentIndex} + ${by} of ${entries.length}`);
    await session.send('Page.navigateToHistoryEntry', { entryId: entry.id });
  };
  return {
    /** Where we are: how many steps Back could go. */
    index: async () => (await read()).currentIndex,
    /** Of all entries, as the browser knows them. */
    ids: async () => (await read()).entries.map(({ id }) => id),
    back: () => step(-1),
    forward: () => step(1),
  };
}
