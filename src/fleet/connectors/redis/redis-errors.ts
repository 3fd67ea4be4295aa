import { asError, isNetraError } from '../../../core/errors.ts';
import { ConnectorError } from '../../error-codes.ts';

/** Replies that say "not now": the command was not run. */
const notNow = /^(?:LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|NOREPLICAS)\b/;
/** What ioredis says where nothing was sent. */
const notSent = /Stream isn't writeable|connect ETIMEDOUT/;
/** Errors that ioredis makes itself, by name or message. */
const clientNames: ReadonlySet<string> = new Set(['MaxRetriesPerRequestError', 'AbortError', 'ReplyError']);
const clientMessages = /^(?:Command timed out|Connection is closed|Stream isn't writeable|Socket timeout|connect ETIMEDOUT)/;
const networkCodes = /^(?:E[A-Z]{3,}|EAI_AGAIN)$/;

/** What ioredis threw, as a ConnectorError. What the caller's own code threw passes unchanged. */
export function toRedisError(thrown: unknown, command: string): Error {
  const error = asError(thrown);
  if (isNetraError(error)) return error;
  const { code } = error as { code?: unknown };
  const network = typeof code === 'string' && networkCodes.test(code);
  if (!network && !clientNames.has(error.name) && !clientMessages.test(error.message)) return error;
  if (error.name === 'ReplyError' && !notNow.test(error.message)) {
    return new ConnectorError('REDIS_REFUSED', `Redis refused ${command}: ${error.message}`, { cause: error });
  }
  const maybeExecuted = error.name !== 'ReplyError' && !notSent.test(error.message) && code !== 'ECONNREFUSED';
  return new ConnectorError('REDIS_UNAVAILABLE', `Redis is gone (${command}): ${error.message}`, { cause: error, maybeExecuted });
}
