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

/** Reads the error body of an HTTP answer or an acknowledgement, which carries its own `retry_after`. */
export function failureOf(body: unknown, retryAfter?: number): Failure {
  const { status, message, details, retry_after: seconds = 0 } = (body ?? {}) as Partial<ErrorBody>;
  if (typeof status !== 'string') return new Failure('garbled', 'The answer is no error body of Guichet.');
  const failure = new Failure(
    'refused',
    String(message),
    status as ErrorCode,
    retryAfter ?? (seconds > 0 ? seconds * 1_000 : undefined),
  );
  failure.details = details;
  return failure;
}

export const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure('unreachable', error instanceof Error ? error.message : String(error));
