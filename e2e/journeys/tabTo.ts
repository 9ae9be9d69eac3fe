import { expect, type Frame, type Locator, type Page } from '@playwright/test';

/** Tabs on until the focus is on this element, wherever it stands: in the page, in the chat, or in a page in the chat. */
export async function tabTo(page: Page, wanted: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let steps = 0; steps < 30; steps++) {
    if (await hasFocus(wanted)) return;
    const before = await focusOf(page.mainFrame());
    await page.keyboard.press(key);
    // Between documents the focus goes over another process: a key that came before it would go one too far.
    let last = before;
    await expect
      .poll(
        async () => {
          const now = await focusOf(page.mainFrame());
          const isThere = now !== before && now === last && !now.endsWith('nothing');
          last = now;
          return isThere;
        },
        { message: `${key} moved the focus away from ${before}`, intervals: [0, 20, 50, 100, 250] },
      )
      .toBe(true);
  }
  throw new Error('the focus never came there');
}

const hasFocus = (locator: Locator) =>
  locator.evaluate((element) => (element.getRootNode() as Document).activeElement === element && document.hasFocus());

/** Names the element that has the focus by its way there, through shadow trees and frames; the same element has the same name. */
async function focusOf(frame: Frame): Promise<string> {
  const handle = await frame.evaluateHandle(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  });
  const element = handle.asElement();
  const name = await handle.evaluate((focused) => {
    if (!focused || focused === document.body) return 'nothing';
    const scope = window as unknown as { focusedBefore?: Element[] };
    scope.focusedBefore ??= [];
    const known = scope.focusedBefore;
    if (!known.includes(focused)) known.push(focused);
    return `${focused.localName} ${known.indexOf(focused)}`;
  });
  const inner = await element?.contentFrame();
  await handle.dispose();
  return inner ? `${name} > ${await focusOf(inner)}` : name;
}
