import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Frame, type Page } from '@playwright/test';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * What axe finds by itself on the page and in all that is embedded in it.
 *
 * @param depth how many documents lie in each other: the page, the chat, the bank's page in it; axe has to have seen each
 *   document that is shown, and no other
 * @param scheme in dark, colours alone are looked at: all else is the same document as in light, where it was looked at
 */
export async function findings(page: Page, depth: number, scheme: 'light' | 'dark' = 'light'): Promise<string[]> {
  const builder = () => new AxeBuilder({ page: page as never });
  const look = () => (scheme === 'dark' ? builder().withRules(['color-contrast']) : builder().withTags(tags)).analyze();
  let seen = await look();
  // On a busy machine axe passes over a frame that is slow to answer: that look doesn't count.
  await expect(async () => {
    const shown = await documentsShown(page);
    if (documentsOf(seen).length !== shown) seen = await look();
    expect(documentsOf(seen), 'the documents that axe has looked at').toHaveLength(shown);
    expect(Math.max(...documentsOf(seen).map((way) => way.length)) + 1).toBe(depth);
  }).toPass();
  return seen.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
  );
}

type Results = Awaited<ReturnType<AxeBuilder['analyze']>>;

/** The documents in which something was looked at, each by the frames on the way to it. */
function documentsOf({ passes, violations, incomplete }: Results): unknown[][] {
  const targets = [...passes, ...violations, ...incomplete].flatMap(({ nodes }) => nodes.map(({ target }) => target));
  return [...new Set(targets.map((target) => JSON.stringify(target.slice(0, -1))))].map((way) => JSON.parse(way));
}

/** How many documents somebody sees: the page's own and each frame's that is visible, as all around it are. */
async function documentsShown(page: Page): Promise<number> {
  const isShown = async (frame: Frame): Promise<boolean> => {
    const parent = frame.parentFrame();
    if (!parent) return true;
    const element = await frame.frameElement();
    return (await element.isVisible()) && (await isShown(parent));
  };
  return (await Promise.all(page.frames().map(isShown))).filter(Boolean).length;
}
