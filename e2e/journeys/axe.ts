import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * What axe finds by itself on the page and in all that is embedded in it.
 *
 * @param depth how many documents lie in each other: the page, the chat, the bank's page in it; axe has to have seen them all
 */
export async function findings(page: Page, depth: number): Promise<string[]> {
  const look = () => new AxeBuilder({ page: page as never }).withTags(rules).analyze();
  let seen = await look();
  // On a busy machine axe passes over a frame that is slow to answer: that look doesn't count.
  await expect(async () => {
    if (depthOf(seen) !== depth) seen = await look();
    expect(depthOf(seen)).toBe(depth);
  }).toPass();
  return seen.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
  );
}

const depthOf = ({ passes }: { passes: { nodes: { target: unknown[] }[] }[] }) =>
  Math.max(...passes.flatMap(({ nodes }) => nodes.map(({ target }) => target.length)));
