import type { Clock } from '../../../core/clock.ts';
import { isNetraError } from '../../../core/errors.ts';
import { classifyError } from '../../../reliability/index.ts';

export type ReportingErrorType = 'validation' | 'timeout' | 'serialization' | 'llm' | 'redis' | 'other';

export type ReportingErrorStrategy =
  /** A template takes the section's place, the report goes on. */
  | 'degrade_gracefully'
  /** Tried again with backoff by the reliability stack; once that has given up, as `use_cached_or_template`. */
  | 'retry_with_backoff'
  /** What cannot be read as JSON is replaced by the template's format. */
  | 'use_fallback_format'
  /** The last good text for the same question and facts, otherwise a template. */
  | 'use_cached_or_template'
  /** Checkpoints stay in memory, generation goes on. */
  | 'continue_without_cache';

/** D08; what is of no type degrades, so that no job is lost. */
export const strategyByErrorType: Readonly<Record<ReportingErrorType, ReportingErrorStrategy>> = {
  validation: 'degrade_gracefully',
  timeout: 'retry_with_backoff',
  serialization: 'use_fallback_format',
  llm: 'use_cached_or_template',
  redis: 'continue_without_cache',
  other: 'degrade_gracefully',
};

export interface ErrorDecision {
  readonly type: ReportingErrorType;
  readonly strategy: ReportingErrorStrategy;
  /** The model itself cannot be had now: asking it for the next section would only cost time. */
  readonly modelUnavailable: boolean;
}

export class ReportingErrorHandler {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  decide(error: unknown): ErrorDecision {
    const type = this.#typeOf(error);
    const answered = isNetraError(error) && error.code.startsWith('REPORT_OUTPUT_');
    return { type, strategy: strategyByErrorType[type], modelUnavailable: !answered && (type === 'timeout' || type === 'llm') };
  }

  #typeOf(error: unknown): ReportingErrorType {
    const code = isNetraError(error) ? error.code : '';
    if (code === 'REPORT_OUTPUT_UNREADABLE') return 'serialization';
    if (code === 'REPORT_OUTPUT_UNGROUNDED') return 'validation';
    if (code === 'REPORT_OUTPUT_REFUSED') return 'llm';
    if (code.startsWith('REDIS_') || code.startsWith('CHECKPOINT_')) return 'redis';
    if (error instanceof Error && error.name === 'ZodError') return 'validation';
    const { kind, source } = classifyError(error, this.#clock);
    if (source === 'redis') return 'redis';
    if (kind === 'timeout') return 'timeout';
    if (kind === 'serialization') return 'serialization';
    // Everything that went over the wire here went to the model: no connection, quota, key, overload.
    if (code.startsWith('LLM_') || ['connection', 'unavailable', 'rate-limit', 'auth', 'not-found', 'conflict', 'refused', 'invalid'].includes(kind)) return 'llm';
    return 'other';
  }
}
