import type { ErrorCodeEntry } from '../../core/errors.ts';
import { coreErrorCodes } from '../../core/error-codes.ts';
import { agentErrorCodes } from '../../fleet/agents/error-codes.ts';
import { dataErrorCodes } from '../../fleet/data/error-codes.ts';
import { fleetErrorCodes } from '../../fleet/error-codes.ts';
import { reportingErrorCodes } from '../../fleet/reporting/error-codes.ts';
import { reliabilityErrorCodes } from '../../reliability/error-codes.ts';

/** Codes that a journal may carry: those of the fleet and of what it is built upon. */
const codes: Readonly<Record<string, ErrorCodeEntry>> = { ...coreErrorCodes, ...reliabilityErrorCodes, ...dataErrorCodes, ...fleetErrorCodes, ...agentErrorCodes, ...reportingErrorCodes };

/** undefined for a code of another fleet's, and for an error that has none. */
export function findCode(code: string): ErrorCodeEntry | undefined {
  return Object.hasOwn(codes, code) ? codes[code] : undefined;
}
