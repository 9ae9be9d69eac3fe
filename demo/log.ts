/** Lines on stdout, what needs a person on stderr. Never a card number, a token or the words of a conversation. */
export const log = {
  info: (text: string): void => console.log(text),
  warn: (text: string): void => console.error(`warning: ${text}`),
  error: (text: string): void => console.error(`error: ${text}`),
};
