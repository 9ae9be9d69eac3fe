/**
 * The policy of every page of the bank. Guichet needs two lines of it: its origin in `script-src` and in `frame-src`.
 * `cards` stands there for web views that the site lets open in the page itself.
 */
export function contentSecurity(
  origins: { chat: string; cards: string; reload?: string | undefined },
  nonce: string,
): string {
  const connect = origins.reload
    ? `connect-src 'self' ${new URL(origins.reload).origin} ${origins.chat}`
    : "connect-src 'self'";
  return [
    "default-src 'self'",
    `script-src 'self' ${origins.chat} 'nonce-${nonce}'`,
    "style-src 'self'",
    `frame-src ${origins.chat} ${origins.cards}`,
    connect,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
