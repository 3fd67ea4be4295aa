import type { Clock } from '../../core/clock.ts';
import { isNetraError } from '../../core/errors.ts';
import type { Logger } from '../agents/services.ts';

type Fields = Readonly<Record<string, unknown>>;

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogSink {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** Lines below it are not written. */
  readonly level: LogLevel;
  /** Asked at every line. */
  readonly context: () => Fields;
}

/**
 * One JSON object a line: `{at, level, message, …fields}`. The sink's context is asked for at every
 * line, so that degradation level and breaker states are those of the moment (N05).
 */
export function createJsonLogger(sink: LogSink, fields: Fields = {}): Logger {
  const { clock, context } = sink;
  const threshold = logLevels.indexOf(sink.level);
  const log = (level: LogLevel, message: string, extra?: Fields): void => {
    if (logLevels.indexOf(level) < threshold) return;
    sink.write(`${JSON.stringify({ at: new Date(clock.now()).toISOString(), level, message, ...context(), ...fields, ...extra }, plainErrors)}\n`);
  };
  return {
    debug: (message, extra) => log('debug', message, extra),
    info: (message, extra) => log('info', message, extra),
    warn: (message, extra) => log('warn', message, extra),
    error: (message, extra) => log('error', message, extra),
    with: (more) => createJsonLogger(sink, { ...fields, ...more }),
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
