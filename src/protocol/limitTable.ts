// One table; docs/limits.md is written from it.

/** Unicode code points in one text part. */
export const textCodePoints = 10_000;
/** Parts in one message. */
export const messageParts = 20;
/** Options or buttons in one collection. */
export const options = 100;
/** Options of a dropdown. */
export const dropdownOptions = 300;
/** Cards of a carousel. */
export const cards = 30;
/** Unicode code points of a card's title, and of a carousel's. */
export const cardTitle = 120;
/** Unicode code points of a card's description. */
export const cardDescription = 500;
/** Characters of an e-mail's subject. */
export const subject = 300;
/** Characters of a button's or an option's label. */
export const label = 200;
/** Characters of an option's payload, and of its reply text. */
export const payload = 2_000;
/** Characters of a URL. */
export const url = 2_048;
/** Characters of a name. */
export const name = 100;
/** Characters of a web view's title. */
export const title = 80;
/** Characters of a web view's summary, and of what a page announces. */
export const summary = 300;
/** Characters of a client id. */
export const clientId = 64;
/** Bytes of a JSON body, of a socket frame, and of a message between loader and widget. */
export const bodyBytes = 65_536;
/** Bytes of an uploaded file. */
export const fileBytes = 20_971_520;
/** Bytes of an uploaded picture. */
export const imageBytes = 10_485_760;
/** Pixels of an uploaded picture, width times height. */
export const imagePixels = 50_000_000;
/** Pixels of a side of an uploaded picture. */
export const imageSide = 20_000;
/** Frames of an uploaded picture that moves. */
export const gifFrames = 600;
/** Bytes of files that a customer has uploaded and not sent. */
export const unsentBytes = 104_857_600;
/** Bytes of a web view's saved state, as JSON. */
export const webViewState = 8_192;
/** Bytes of a web view's result, as JSON. */
export const webViewResult = 8_192;
/** Characters of a web view's result schema, as JSON. */
export const resultSchema = 4_096;
/** Bytes of a web view's data, as JSON. */
export const webViewData = 8_192;
/** Bytes of one message between the widget and a web view's page. */
export const portMessage = 16_384;
/** Bytes of a conversation's properties, as JSON. */
export const properties = 8_192;
/** Things on a page of a list, when the request doesn't say. */
export const pageSize = 50;
/** Things on a page of a list, at most. */
export const pageSizeMax = 100;
/** Properties of a user. */
export const userProperties = 100;
/** Agents of a group. */
export const groupAgents = 200;
/** Events of one answer of the account's log, when the request doesn't say. */
export const events = 100;
/** The same, at most. */
export const eventsMax = 200;
/** Events of a conversation that a customer's client is told when it comes back; who misses more starts from the newest page. */
export const catchUp = 300;
/** Bytes, about, of the events in one answer to a customer's client: a page of large messages is a shorter one. */
export const eventsBytes = 262_144;
/** Seconds that a request for events may wait for something new. */
export const eventsWait = 25;
/** Characters of an Idempotency-Key. */
export const idempotencyKey = 255;
/** Seconds from its first opening until a web view ends, when its button doesn't say. */
export const webViewExpires = 900;
/** The same, at most. */
export const webViewExpiresMax = 86_400;
/** Seconds in which a web view's one-time code has to be exchanged. */
export const oneTimeCode = 60;
/** Seconds that the old one is good beside the new one when a token or a webhook's secret is rotated, when the request doesn't say. */
export const rotationOverlap = 86_400;
/** The same, at most. */
export const rotationOverlapMax = 2_592_000;
/** Seconds that an identity JWT may live. */
export const identityMaxAge = 3_600;
