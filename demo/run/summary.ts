import { deskPassword, staff } from '../desk/staff';
import type { Addresses } from './ports';

export function summary(at: Addresses, data: string): string {
  const lines = [
    ['Bank', at.bank, 'start here'],
    ['Card page', `${at.cards}/staff`, 'where the bank’s staff closes a running page'],
    ['Chat', at.chat, 'Guichet: the API is at /v2, its description at /openapi.json'],
    ['Freddy', at.bot, 'the bot'],
    ['Desk', at.desk, 'where the bank’s people answer'],
  ] as const;
  const width = Math.max(...lines.map(([, address]) => address.length));
  return `
  AG Bank is open.

${lines.map(([name, address, what]) => `    ${name.padEnd(11)}${address.padEnd(width + 3)}${what}`).join('\n')}

  Try: open the chat at the lower right and tap "Account statement". Any test card number will do,
  such as 4000 0025 0000 3155, with a month to come and any three digits.
  Sign in first (the page shows how), and Freddy knows your name.
  Ask for a person, and answer as ${staff.map(({ email }) => email).join(' or ')} (${deskPassword}) at the desk.

  Data and logs stay in ${data}. Ctrl-C closes the bank.
`;
}
