import type { Clock } from '../../core/clock.ts';
import { isNetraError } from '../../core/errors.ts';
import type { Logger } from '../agents/services.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * One JSON object a line: `{at, level, message, …fields}`. `context` is asked for at every line, so
 * that degradation level and breaker states are those of the moment (N05).
 */
export function createJsonLogger(clock: Clock, write: (line: string) => void, context: () => Fields, fields: Fields = {}): Logger {
  const log = (level: string, message: string, extra?: Fields): void => {
    write(`${JSON.stringify({ at: new Date(clock.now()).toISOString(), level, message, ...context(), ...fields, ...extra }, plainErrors)}\n`);
  };
  return {
    debug: (message, extra) => log('debug', message, extra),
    info: (message, extra) => log('info', message, extra),
    warn: (message, extra) => log('warn', message, extra),
    error: (message, extra) => log('error', message, extra),
    with: (more) => createJsonLogger(clock, write, context, { ...fields, ...more }),
  };
}

/** Errors have no enumerable members: without this they are logged as `{}`. */
function plainErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return {
    name: value.name,
    message: value.message,
    ...(isNetraError(value) ? { code: value.code, context: value.context } : { stack: value.stack }),
    ...(value.cause === undefined ? {} : { cause: value.cause }),
  };
}
