import type { Logger } from 'pino';
import { GuichetError } from '../../protocol/errors';

/** What a socket's client is told of an error: a fault of ours is logged, and said without its details. */
export function asKnown(error: unknown, log: Logger): GuichetError {
  if (error instanceof GuichetError) return error;
  log.error({ err: error }, 'a socket message failed');
  return new GuichetError('INTERNAL', 'A fault of the server; try again.');
}
