/** Every limit of the wire, in one table; docs/limits.md is checked against it. Lengths are UTF-16 units unless said. */
export const limits = {
  /** Unicode code points in one text part. */
  textCodePoints: 10_000,
  messageParts: 20,
  options: 100,
  label: 200,
  payload: 2_000,
  url: 2_048,
  name: 100,
  title: 80,
  summary: 300,
  clientId: 64,
  /** Bytes of a JSON body, of one socket frame and of one frame message. */
  bodyBytes: 65_536,
  /** Bytes of a web view's saved state, and of its result, as JSON. */
  webViewState: 8_192,
  webViewResult: 8_192,
  webViewData: 8_192,
  /** Bytes of one message on the web view port. */
  portMessage: 16_384,
  pageSize: 50,
  pageSizeMax: 100,
  idempotencyKey: 255,
  /** Seconds. */
  webViewExpiresMax: 86_400,
  webViewExpires: 900,
  oneTimeCode: 60,
  identityMaxAge: 3_600,
} as const;
