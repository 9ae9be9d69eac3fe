import * as v from 'valibot';

/** Every error code that leaves Guichet, with its HTTP status and what it means. docs/errors.md is generated from it. */
export const errorTable = {
  INVALID_VALUE: [400, 'The body, query or path breaks its schema; `details` names each fault.'],
  INVALID_JSON: [400, 'The body is not JSON.'],
  NOT_OFFERED: [400, 'The answer names a message or an option that was not offered in this conversation.'],
  WEB_VIEW_URL_REFUSED: [400, 'A web view may not open this URL; the message says which rule it breaks.'],
  CODE_INVALID: [400, 'The one-time code is unknown, used, expired, or its web view is no longer open.'],
  FILE_REFUSED: [
    400,
    'The file is of a kind that is not taken, is not what it says, or is too large to be shown; the message says which.',
  ],
  UNAUTHENTICATED: [401, 'No bearer token, or one that is unknown, malformed or revoked.'],
  SESSION_INVALID: [401, 'The customer session token is missing, malformed or revoked: ask for a new session.'],
  IDENTITY_INVALID: [401, 'The JWT that vouches for the customer was refused; the message says why.'],
  FORBIDDEN: [403, 'The token lacks the scope that this door asks for, or the site does not allow it.'],
  ORIGIN_NOT_ALLOWED: [403, 'The request comes from an origin that this door does not serve.'],
  NOT_FOUND: [404, 'No such route.'],
  SITE_NOT_FOUND: [404, 'No site has this id.'],
  IDENTITY_KEY_NOT_FOUND: [404, 'The site has no identity key with this kid.'],
  CONVERSATION_NOT_FOUND: [404, 'No conversation has this id, or it is not yours.'],
  MESSAGE_NOT_FOUND: [404, 'No message has this id in this conversation.'],
  USER_NOT_FOUND: [404, 'No user has this id.'],
  AGENT_NOT_FOUND: [404, 'No agent or bot has this id.'],
  GROUP_NOT_FOUND: [404, 'No group has this id.'],
  FILE_NOT_FOUND: [404, 'No uploaded file has this id, or it is not yours.'],
  CHANNEL_NOT_FOUND: [404, 'No channel has this id.'],
  WEB_VIEW_NOT_FOUND: [404, 'No web view has this id, or it is not yours.'],
  WEBHOOK_NOT_FOUND: [404, 'No webhook has this id.'],
  DELIVERY_NOT_FOUND: [404, 'No webhook delivery has this id.'],
  TOKEN_NOT_FOUND: [404, 'No API token has this id.'],
  METHOD_NOT_ALLOWED: [405, 'The route exists, but not with this method; see the Allow header.'],
  CLIENT_ID_REUSED: [409, 'This client id was sent before with other content.'],
  IDEMPOTENCY_KEY_REUSED: [
    409,
    'This Idempotency-Key was sent before with another request, or that request still runs.',
  ],
  AGENT_DEACTIVATED: [409, 'The agent or bot was deactivated: it writes no more and is given no conversations.'],
  CHANNEL_DISABLED: [409, 'The channel is switched off: no new conversation begins there.'],
  ALREADY_ANSWERED: [409, 'The question has its answer already.'],
  ALREADY_EXISTS: [409, 'Something with this id or reference exists already.'],
  WEB_VIEW_STRICT: [
    409,
    'The web view is strict: its page has no origin, so it gets no code and can neither save nor submit.',
  ],
  WEB_VIEW_CLOSED: [409, 'The web view is closed, or it may be opened only once and was submitted.'],
  WEB_VIEW_TAKEN: [409, 'Another tab or device has taken this web view over.'],
  PAYLOAD_TOO_LARGE: [413, 'The body is larger than the limit in docs/limits.md.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The body has to be application/json; for uploads to /v2, multipart/form-data.'],
  RATE_LIMITED: [429, 'Too many requests; `retry_after` and the Retry-After header say how many seconds to wait.'],
  INTERNAL: [500, 'A fault of the server; it is logged under the trace id of this answer.'],
  UPLOADS_OFF: [
    501,
    'This server takes no files: it has no origin of their own to serve them from (GUICHET_FILES_ORIGIN).',
  ],
  STORAGE_FULL: [507, 'The disk of the server has no room for the file; nothing of it was stored.'],
  UNAVAILABLE: [503, 'The server is starting or stopping; try again.'],
} as const satisfies Record<string, readonly [status: number, meaning: string]>;

export type ErrorCode = keyof typeof errorTable;

/** One fault in what came: where (a JSON path such as `message_parts[0].text.content`), what was expected, what came. */
export const FaultDetail = v.object({ path: v.string(), expected: v.string(), received: v.string() });
export type FaultDetail = v.InferOutput<typeof FaultDetail>;

/** The body of every answer that isn't 2xx; the shape is v2's. */
export const ErrorBody = v.object({
  code: v.number(),
  status: v.string(),
  message: v.string(),
  details: v.optional(v.array(FaultDetail)),
  /** Seconds to wait before another try; over HTTP the `Retry-After` header says the same. */
  retry_after: v.optional(v.number()),
});
export type ErrorBody = v.InferOutput<typeof ErrorBody>;

/** Thrown by rules, turned into an `ErrorBody` at the doors. `message` is for a developer: expected, came, do. */
export class GuichetError extends Error {
  readonly code: ErrorCode;
  readonly details: FaultDetail[] | undefined;
  /** Seconds to wait before another try. */
  readonly retryAfter: number | undefined;
  constructor(code: ErrorCode, message: string, details?: FaultDetail[], retryAfter?: number) {
    super(message);
    this.name = 'GuichetError';
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }
  get status(): number {
    return errorTable[this.code][0];
  }
  toBody(): ErrorBody {
    return {
      code: this.status,
      status: this.code,
      message: this.message,
      ...(this.details ? { details: this.details } : {}),
      ...(this.retryAfter === undefined ? {} : { retry_after: this.retryAfter }),
    };
  }
}
