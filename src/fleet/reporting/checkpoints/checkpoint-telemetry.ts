import type { CheckpointRejectedEvent } from '../../../journal/fleet-events.ts';
import type { SectionName } from '../../jobs/job.ts';
import type { AgentServices } from '../../agents/services.ts';
import { reportingAgentName } from '../report-context.ts';
import type { CheckpointContext } from './checkpoint-context.ts';

/** What checkpoints say of themselves: events for whoever watches, counters and timings (C12). */
export class CheckpointTelemetry {
  readonly #services: AgentServices;
  readonly #about: { readonly agent: string; readonly correlation_id: string; readonly job_id: string; readonly user_id: string };

  constructor(services: AgentServices, context: CheckpointContext) {
    this.#services = services;
    this.#about = { agent: reportingAgentName, correlation_id: context.correlationId, job_id: context.jobId, user_id: context.userId };
  }

  saved(section: SectionName, fencingToken: number, bytes: number, durationMs: number): void {
    const { metrics } = this.#services;
    metrics.count('checkpoint_saves_total', { result: 'saved' });
    metrics.observe('checkpoint_bytes', bytes);
    metrics.observe('checkpoint_latency_seconds', durationMs / 1_000, { operation: 'save' });
    this.#services.emit({ type: 'checkpoint_saved', ...this.#about, section, fencing_token: fencingToken, bytes, duration_ms: round(durationMs) });
  }

  loaded(count: number, durationMs: number): void {
    const { metrics } = this.#services;
    metrics.count('checkpoint_loads_total', { result: count > 0 ? 'found' : 'none' });
    metrics.observe('checkpoint_latency_seconds', durationMs / 1_000, { operation: 'load' });
  }

  resumed(sections: readonly SectionName[], fencingToken: number, ageSeconds: number | null): void {
    const { metrics } = this.#services;
    metrics.count('checkpoint_resumes_total');
    metrics.count('checkpoint_resumed_sections_total', {}, sections.length);
    if (ageSeconds !== null) metrics.observe('checkpoint_age_seconds', ageSeconds);
    this.#services.emit({ type: 'checkpoint_resumed', ...this.#about, sections, fencing_token: fencingToken, age_seconds: ageSeconds });
  }

  /** A checkpoint that was not kept or not used. */
  rejected(section: string, reason: CheckpointRejectedEvent['reason'], detail: string): void {
    const { metrics } = this.#services;
    metrics.count('checkpoint_rejected_total', { reason });
    if (reason === 'stale_writer') metrics.count('checkpoint_stale_writers_total');
    this.#services.logger.warn('checkpoint rejected', { ...this.#about, section, reason, detail });
    this.#services.emit({ type: 'checkpoint_rejected', ...this.#about, section, reason, detail });
  }

  /** Redis could not be used; the report goes on. */
  failed(operation: 'claim' | 'save' | 'load' | 'cleanup', error: Error): void {
    this.#services.metrics.count('checkpoint_failures_total', { operation });
    this.#services.logger.warn('checkpoint store not reached', { ...this.#about, operation, error: error.message });
  }
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
