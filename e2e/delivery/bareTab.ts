/** A tab of the plain socket.io chat, beside which Guichet's are put. */
import { bareCopyOf, openBareClient } from './bareClient';
import { serveTab } from './tabThread';

serveTab(({ url, name, browser, site }, { keep }) => {
  // What a customer calls a conversation is a room here, one for each browser.
  const client = openBareClient({ url, name, rooms: [browser], retries: site === 'recovery', keep });
  return {
    open() {},
    say: (text) => client.say(browser, text),
    forge: () => Promise.resolve(),
    tidy() {},
    sleep() {},
    wake() {},
    state: () => ({
      customer: name,
      conversation: browser,
      seen: client.shown.at(-1)?.seq ?? 0,
      waiting: client.waiting,
    }),
    async show() {
      client.leave();
      return { messages: client.shown.map(bareCopyOf), waiting: client.waiting };
    },
    close: () => client.leave(),
  };
});
