import { expect, type Locator, type Page } from '@playwright/test';

export type Agent = 'Mira Okafor' | 'Jonas Lind';

/** The page on which the bank's people answer. */
export class DeskPage {
  readonly rows: Locator;
  readonly thread: Locator;
  readonly answer: Locator;
  readonly note: Locator;
  readonly takeOver: Locator;

  constructor(
    readonly page: Page,
    readonly origin: string,
  ) {
    this.rows = page.getByRole('region', { name: 'Conversations' }).locator('.row');
    this.thread = page.getByRole('log');
    this.answer = page.getByRole('textbox', { name: 'Answer', exact: true });
    this.note = page.getByRole('textbox', { name: 'Private note' });
    this.takeOver = page.getByRole('button', { name: 'Take over' });
  }

  async signIn(agent: Agent) {
    await this.page.goto(this.origin);
    await this.page.getByRole('button', { name: `Sign in as ${agent}` }).click();
    await this.live();
  }

  /** Waits until what happens is told. */
  async live() {
    await expect(this.page.locator('.link-state')).toHaveText('Live');
    await expect(this.page.locator('.skeleton')).toHaveCount(0);
  }

  row = (words: string | RegExp) => this.rows.filter({ hasText: words });

  /** Opens the conversation whose row says this, and waits until it can be read. */
  async open(words: string | RegExp) {
    await this.row(words).first().click();
    await expect(this.thread.locator('.bubble-row').first()).toBeVisible();
  }

  /** Opens the newest conversation of a guest, once it is the one in which this was said. */
  async openGuest(words: string) {
    await expect(async () => {
      await this.row('Guest').first().click();
      await expect(this.said(words)).toBeVisible({ timeout: 2_000 });
    }).toPass();
  }

  /** A bubble with exactly these words. */
  said = (words: string) => this.thread.locator('.bubble').getByText(words, { exact: true });
  button = (name: string) => this.page.getByRole('button', { name, exact: true });

  async send(words: string) {
    await this.answer.fill(words);
    await this.answer.press('Enter');
    await expect(this.said(words)).toBeVisible();
  }
}
