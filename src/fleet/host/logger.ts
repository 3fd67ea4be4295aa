import type { Clock } from '../../core/clock.ts';
import { isNetraError } from '../../core/errors.ts';
import { redact, redacted } from '../../core/secrets.ts';
import type { Logger } from '../agents/services.ts';

type Fields = Readonly<Record<string, unknown>>;

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogSink {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** Lines below it are not written. */
  readonly level: LogLevel;
  /** Of lines that concern no request: the run's id (N02). */
  readonly correlationId: string;
  /** Asked at every line. */
  readonly context: () => Fields;
}

/**
 * One JSON object a line: `{at, level, message, correlation_id, …fields}`. Never throws, whatever the fields hold, and tells no secret. The sink's context is asked for at every
 * line, so that degradation level and breaker states are those of the moment (N05).
 */
export function createJsonLogger(sink: LogSink, fields: Fields = {}): Logger {
  const { clock, context } = sink;
  const threshold = logLevels.indexOf(sink.level);
  const log = (level: LogLevel, message: string, extra?: Fields): void => {
    if (logLevels.indexOf(level) < threshold) return;
    const all: Fields = { ...fields, ...extra };
    const line = { at: new Date(clock.now()).toISOString(), level, message, ...context(), ...all, correlation_id: all['correlation_id'] ?? sink.correlationId };
    sink.write(`${redact(serialise(line))}\n`);
  };
  return {
    debug: (message, extra) => log('debug', message, extra),
    info: (message, extra) => log('info', message, extra),
    warn: (message, extra) => log('warn', message, extra),
    error: (message, extra) => log('error', message, extra),
    with: (more) => createJsonLogger(sink, { ...fields, ...more }),
  };
}

function serialise(line: Fields): string {
  try {
    return JSON.stringify(line, plain);
  } catch (error) {
    // A circle, or a getter that throws: what is known to be plain is better than no line.
    const { at, level, message, correlation_id } = line;
    return JSON.stringify({ at, level, message, correlation_id, error: line['error'] instanceof Error ? line['error'].message : undefined, fields_lost: String(error) });
  }
}

/** Of fields whose values are nobody's business, wherever they come from. */
const secretNames = /^(?:authorization|cookie|set-cookie|password|passwd|secret|token|access_token|api[_-]?key)$/i;

/** Errors have no enumerable members, and would be logged as `{}`; JSON knows no bigint. */
function plain(key: string, value: unknown): unknown {
  if (secretNames.test(key) && typeof value === 'string') return redacted;
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  return {
    name: value.name,
    message: value.message,
    ...(isNetraError(value) ? { code: value.code, context: value.context } : { stack: value.stack }),
    ...(value.cause === undefined ? {} : { cause: value.cause }),
  };
}
