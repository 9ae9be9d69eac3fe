import * as v from 'valibot';
import { type ErrorCode, type FaultDetail, GuichetError } from './errors';
import { faultLine, faults } from './faults';

/**
 * Parses what came through a door. Throws `GuichetError('INVALID_VALUE')` with the path of each fault.
 *
 * @param what names the thing for the developer, e.g. `body`
 */
export function parse<S extends v.GenericSchema>(schema: S, input: unknown, what = 'body'): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw invalid(faults(result.issues), what);
}

/** The refusal of what has these faults. */
export function invalid(details: FaultDetail[], what: string, code: ErrorCode = 'INVALID_VALUE'): GuichetError {
  return new GuichetError(code, `${what}: ${faultLine(details)}`, details);
}
