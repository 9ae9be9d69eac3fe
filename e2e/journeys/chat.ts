import { expect, type Frame, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { CardPage } from './cardPage';

/** The chat on a page of the bank's, as a customer sees it. */
export class Chat {
  readonly launcher: Locator;
  readonly badge: Locator;
  /** The newest message beside the launcher. */
  readonly peek: Locator;
  readonly iframe: Locator;
  readonly frame: FrameLocator;
  readonly composer: Locator;
  readonly log: Locator;
  readonly scroller: Locator;
  readonly chips: Locator;
  readonly sheet: Locator;
  readonly closeSheet: Locator;
  /** "Leave without finishing?" */
  readonly ask: Locator;
  readonly minimise: Locator;
  readonly card: CardPage;

  constructor(
    readonly page: Page,
    readonly origin: string,
  ) {
    this.launcher = page.locator('guichet-chat button[aria-haspopup=dialog]');
    this.badge = this.launcher.locator('b');
    this.peek = page.locator('guichet-chat header p');
    this.iframe = page.locator('guichet-chat > iframe');
    this.frame = page.frameLocator('guichet-chat > iframe');
    this.composer = this.frame.locator('.composer textarea');
    this.log = this.frame.getByRole('log');
    this.scroller = this.frame.locator('.scroller');
    this.chips = this.frame.locator('.answers');
    this.sheet = this.frame.locator('.layer:not(.leaving) .sheet');
    this.closeSheet = this.sheet.locator('.bar button');
    this.ask = this.frame.getByRole('alertdialog');
    this.minimise = this.frame.getByRole('button', { name: 'Minimise' });
    this.card = new CardPage(this.frame.frameLocator('.layer:not(.leaving) .sheet iframe'));
  }

  /** By a click; waits until one can type and the conversation is live. */
  async open() {
    await this.launcher.click();
    await this.live();
  }

  async live() {
    await expect(this.composer).toBeVisible();
    await expect(this.frame.locator('.status .dot')).toHaveClass(/online/);
  }

  /** A suggestion of the empty panel. */
  suggestion = (label: string) =>
    this.frame.getByRole('list', { name: 'Suggestions' }).getByRole('button', { name: label });
  chip = (label: string) => this.chips.getByRole('button', { name: label, exact: true });
  /** A bubble with exactly these words. */
  said = (words: string) => this.log.locator('.bubble').getByText(words, { exact: true });
  /** The newest button of that name that opens a page of the bank's; `Continue: …` while its page runs. */
  pageButton = (label: string | RegExp = 'Confirm card') => this.log.getByRole('button', { name: label }).last();
  readonly file = () => this.log.getByRole('link', { name: /^Download/ }).last();

  async send(words: string) {
    await this.composer.fill(words);
    await this.composer.press('Enter');
  }

  /** From an empty panel up to Freddy's question for the card. */
  async askForStatement() {
    await this.suggestion('Account statement').click();
    await expect(this.pageButton()).toBeEnabled();
    await this.settled();
  }

  /** Taps the button and waits until the bank's page can be used. */
  async openCardPage(button = this.pageButton()) {
    await button.click();
    await this.card.ready();
  }

  /**
   * Escape inside the bank's page. The frame that the key goes to may be gone before the key is up again, and then the
   * browser owes its answer for ever.
   */
  async escapeInPage() {
    await this.page.keyboard.down('Escape');
    this.page.keyboard.up('Escape').catch(() => {});
  }

  /** Nobody is typing and the newest message of the customer's own has been stored. */
  async settled() {
    await expect(this.frame.locator('.typing-row')).toHaveCount(0);
    await expect(this.frame.locator('.state.sending, .state.waiting')).toHaveCount(0);
  }

  /** What stands in the log, from top to bottom: `me: …` or `them: …` for each bubble, button and file. */
  async lines(): Promise<string[]> {
    return this.log
      .locator('article')
      .evaluateAll((rows) =>
        rows.flatMap((row) =>
          [...row.querySelectorAll('.bubble, .url-button, .file .name')].map(
            (part) =>
              `${row.classList.contains('me') ? 'me' : 'them'}: ${(part.querySelector('[dir=auto]') ?? part).textContent?.trim()}`,
          ),
        ),
      );
  }

  /** The widget's document. */
  async document(): Promise<Frame> {
    const handle = await this.iframe.elementHandle();
    const frame = await handle?.contentFrame();
    if (!frame) throw new Error('the chat has no frame');
    return frame;
  }

  /** All that the chat keeps in this browser, in its own origin. */
  async storage(): Promise<Record<string, string>> {
    return (await this.document()).evaluate(() => ({ ...localStorage }));
  }

  /** Whose session this browser has. */
  async customer(): Promise<{ token: string; customer: string }> {
    const kept = await this.storage();
    return JSON.parse(kept['guichet:ag-bank:session'] ?? '{}');
  }

  /** What has the focus in the widget's document: its accessible name or class. */
  async focused(): Promise<string> {
    return (await this.document()).evaluate(() => {
      const { activeElement: element } = document;
      return element?.getAttribute('data-button') ?? element?.getAttribute('aria-label') ?? element?.className ?? '';
    });
  }
}
