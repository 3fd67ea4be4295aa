import { redact } from './secrets.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low';
/** What the caller should do next: try again, use a substitute, go on with less, or give up. */
export type Recovery = 'retry' | 'fallback' | 'degrade' | 'fail';

/** One row of an area's code table; `docs/error-codes.md` is made from these. */
export interface ErrorCodeEntry {
  readonly severity: Severity;
  readonly recovery: Recovery;
  readonly retriable: boolean;
  /** What happened, for a reader who sees only the code. */
  readonly meaning: string;
  /** What to do about it, with the command to type where there is one. */
  readonly remedy: string;
}

/** Types an area's code table without changing it; the keys are the stable codes. */
export function defineErrorCodes<const Codes extends Record<string, ErrorCodeEntry>>(codes: Codes): Codes {
  return codes;
}

export interface NetraErrorOptions {
  readonly cause?: unknown;
  /** Facts that help to find the place: ids, sizes, addresses. Never secrets. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Milliseconds after which trying again makes sense, where that is known. */
  readonly retryAfterMs?: number;
  /** Overrides the table's answer for this one occurrence. */
  readonly retriable?: boolean;
}

/**
 * Base of every error the project throws on purpose. `code` is stable and documented; whether to
 * retry is asked of the error, never of a list of names elsewhere.
 */
export class NetraError extends Error {
  readonly code: string;
  readonly severity: Severity;
  readonly recovery: Recovery;
  readonly retriable: boolean;
  readonly context: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, entry: ErrorCodeEntry, message: string, options: NetraErrorOptions = {}) {
    // It may quote what a service answered, and goes to logs, events, reports and callers.
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.severity = entry.severity;
    this.recovery = entry.recovery;
    this.retriable = options.retriable ?? entry.retriable;
    this.context = options.context ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The body of an error answer in the fleet protocol. */
  toBody(correlationId?: string): ErrorBody {
    return {
      error: {
        code: this.code,
        message: this.message,
        severity: this.severity,
        recovery: this.recovery,
        ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
        ...(this.retryAfterMs === undefined ? {} : { retry_after_ms: this.retryAfterMs }),
      },
    };
  }
}

export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly severity: Severity;
    readonly recovery: Recovery;
    readonly correlation_id?: string | undefined;
    readonly retry_after_ms?: number | undefined;
  };
}

/** Works across copies of this module, where `instanceof` would not. */
export function isNetraError(error: unknown): error is NetraError {
  return error instanceof Error && typeof (error as Partial<NetraError>).code === 'string' && 'recovery' in error && 'severity' in error;
}

/** An Error whatever was thrown; what was thrown stays in `cause`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
