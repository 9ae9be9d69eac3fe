/** Every limit of the wire, in one table; docs/limits.md is written from it. */
export const limits = {
  /** Unicode code points in one text part. */
  textCodePoints: 10_000,
  /** Parts in one message. */
  messageParts: 20,
  /** Options or buttons in one collection. */
  options: 100,
  /** Options of a dropdown. */
  dropdownOptions: 300,
  /** Cards of a carousel. */
  cards: 30,
  /** Unicode code points of a card's title, and of a carousel's. */
  cardTitle: 120,
  /** Unicode code points of a card's description. */
  cardDescription: 500,
  /** Characters of an e-mail's subject. */
  subject: 300,
  /** Characters of a button's or an option's label. */
  label: 200,
  /** Characters of an option's payload, and of its reply text. */
  payload: 2_000,
  /** Characters of a URL. */
  url: 2_048,
  /** Characters of a name. */
  name: 100,
  /** Characters of a web view's title. */
  title: 80,
  /** Characters of a web view's summary, and of what a page announces. */
  summary: 300,
  /** Characters of a client id. */
  clientId: 64,
  /** Bytes of a JSON body, of a socket frame, and of a message between loader and widget. */
  bodyBytes: 65_536,
  /** Bytes of an uploaded file. */
  fileBytes: 20_971_520,
  /** Bytes of an uploaded picture. */
  imageBytes: 10_485_760,
  /** Pixels of an uploaded picture, width times height. */
  imagePixels: 50_000_000,
  /** Pixels of a side of an uploaded picture. */
  imageSide: 20_000,
  /** Frames of an uploaded picture that moves. */
  gifFrames: 600,
  /** Bytes of files that a customer has uploaded and not sent. */
  unsentBytes: 104_857_600,
  /** Bytes of a web view's saved state, as JSON. */
  webViewState: 8_192,
  /** Bytes of a web view's result, as JSON. */
  webViewResult: 8_192,
  /** Characters of a web view's result schema, as JSON. */
  resultSchema: 4_096,
  /** Bytes of a web view's data, as JSON. */
  webViewData: 8_192,
  /** Bytes of one message between the widget and a web view's page. */
  portMessage: 16_384,
  /** Bytes of a conversation's properties, as JSON. */
  properties: 8_192,
  /** Things on a page of a list, when the request doesn't say. */
  pageSize: 50,
  /** Things on a page of a list, at most. */
  pageSizeMax: 100,
  /** Properties of a user. */
  userProperties: 100,
  /** Agents of a group. */
  groupAgents: 200,
  /** Events of one answer of the account's log, when the request doesn't say. */
  events: 100,
  /** The same, at most. */
  eventsMax: 200,
  /** Events of a conversation that a customer's client is told when it comes back; who misses more starts from the newest page. */
  catchUp: 300,
  /** Bytes, about, of the events in one answer to a customer's client: a page of large messages is a shorter one. */
  eventsBytes: 262_144,
  /** Seconds that a request for events may wait for something new. */
  eventsWait: 25,
  /** Characters of an Idempotency-Key. */
  idempotencyKey: 255,
  /** Seconds from its first opening until a web view ends, when its button doesn't say. */
  webViewExpires: 900,
  /** The same, at most. */
  webViewExpiresMax: 86_400,
  /** Seconds in which a web view's one-time code has to be exchanged. */
  oneTimeCode: 60,
  /** Seconds that the old one is good beside the new one when a token or a webhook's secret is rotated, when the request doesn't say. */
  rotationOverlap: 86_400,
  /** The same, at most. */
  rotationOverlapMax: 2_592_000,
  /** Seconds that an identity JWT may live. */
  identityMaxAge: 3_600,
} as const;
