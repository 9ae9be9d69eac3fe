import type { Page } from '@playwright/test';
import type { Addresses } from '../support/stack';

export type Person = 'Ana Ferreira' | 'Karim Haddad';

/** AG Bank's site, as a customer uses it. */
export class Bank {
  constructor(
    readonly page: Page,
    readonly addresses: Addresses,
  ) {}

  async goto(path = '/') {
    await this.page.goto(`${this.addresses.bank}${path}`);
  }

  /** Goes to a section by the menu. */
  async visit(section: 'Accounts' | 'Cards' | 'Help') {
    await this.page.getByRole('navigation', { name: 'Bank' }).getByRole('link', { name: section }).click();
    await this.page.waitForURL(`**/${section.toLowerCase()}`);
  }

  async signIn(person: Person) {
    await this.goto('/sign-in');
    await this.page.getByRole('button', { name: `Fill in as ${person}` }).click();
    await this.page.locator('#sign-in').getByRole('button', { name: 'Sign in' }).click();
    await this.page.waitForURL('**/accounts');
  }

  async signOut() {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await this.page.getByRole('link', { name: 'Sign in' }).first().waitFor();
  }
}
