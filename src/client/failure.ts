import type { ErrorBody, ErrorCode, FaultDetail } from '../protocol/errors';

/**
 * Why a request came to nothing. `unreachable` and `timeout`: nobody knows whether the server did it; ask again.
 * `refused`: the server said no, with a code of the error table. `garbled`: something answered that isn't our server.
 */
export type FailureKind = 'unreachable' | 'timeout' | 'refused' | 'garbled';

export class Failure extends Error {
  readonly kind: FailureKind;
  /** A code of the error table when `refused`, else the kind in capitals. */
  readonly code: ErrorCode | Uppercase<Exclude<FailureKind, 'refused'>>;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined;
  /** Single faults, where the server named them. */
  details: FaultDetail[] | undefined;
  /** Something between us and the server said no (a 4xx that isn't Guichet's), as it may go on doing: a firewall, a proxy. */
  isBlocked = false;
  constructor(kind: FailureKind, message: string, code?: ErrorCode, retryAfter?: number) {
    super(message);
    this.name = 'Failure';
    this.kind = kind;
    this.code = code ?? (kind.toUpperCase() as Failure['code']);
    this.retryAfter = retryAfter;
  }
  /** True when the same request can't ever succeed. */
  get isFinal(): boolean {
    return this.kind === 'refused' && !this.isSessionOver && !passing.has(this.code);
  }
  get isSessionOver(): boolean {
    return this.code === 'SESSION_INVALID' || this.code === 'UNAUTHENTICATED';
  }
}

const passing = new Set<string>(['RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE', 'IDEMPOTENCY_KEY_REUSED']);

/**
 * Reads the error body of an HTTP answer or an acknowledgement, which carries its own `retry_after`.
 *
 * @param httpStatus with `retryAfter`, what an HTTP answer says beside its body, whoever it comes from
 */
export function failureOf(body: unknown, httpStatus = 0, retryAfter?: string | null): Failure {
  const { status, message, details, retry_after: seconds } = (body ?? {}) as Partial<ErrorBody>;
  const isOurs = typeof status === 'string';
  const isTooLarge = httpStatus === 413;
  const failure = new Failure(
    isOurs || isTooLarge ? 'refused' : 'garbled',
    isOurs ? String(message) : `An answer ${httpStatus} that isn’t Guichet’s.`,
    isOurs ? (status as ErrorCode) : isTooLarge ? 'PAYLOAD_TOO_LARGE' : undefined,
    pauseOf(retryAfter ?? seconds),
  );
  failure.details = details;
  failure.isBlocked = !isOurs && httpStatus > 399 && httpStatus < 500 && ![408, 425, 429].includes(httpStatus);
  return failure;
}

/** Milliseconds, of a number of seconds or a date. */
function pauseOf(retryAfter: unknown): number | undefined {
  const ms = Number(retryAfter) * 1_000 || Date.parse(String(retryAfter)) - Date.now();
  return ms > 0 ? Math.min(ms, longestPause) : undefined;
}
/** Nobody stops us for longer by one answer. */
const longestPause = 600_000;

export const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure('unreachable', error instanceof Error ? error.message : String(error));
