import type { Addresses } from './ports';

export const summary = (at: Addresses, data: string): string => `
  AG Bank is open.

    Bank        ${at.bank}          start here
    Card page   ${at.cards}/staff   the bank's staff closes a running page
    Chat        ${at.chat}          Guichet: API at /v2, described at /openapi.json
    Freddy      ${at.bot}           the bot

  Try: open the chat at the lower right and tap "Account statement". Any test card number does,
  such as 4000 0025 0000 3155, with a month to come and any three digits.
  Sign in first (the page shows how), and Freddy knows your name.

  Data and logs stay in ${data}. Ctrl-C closes the bank.
`;
