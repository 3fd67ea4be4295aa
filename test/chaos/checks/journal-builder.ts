import type { JournalEvent, JournalFact, LlmCalled } from '../../../src/journal/events.ts';

/** Wall clock of the first millisecond of every built journal. */
export const startMs = Date.UTC(2026, 0, 1);

type Fact<Type extends JournalFact['type']> = Extract<JournalFact, { type: Type }>;

/** Builds a small journal line by line; times are milliseconds from its start. Hosts tell of things at the time at which they are journaled. */
export class JournalBuilder {
  readonly events: JournalEvent[] = [];
  #nowMs = 0;

  at(ms: number): this {
    this.#nowMs = ms;
    return this;
  }

  add(...facts: readonly JournalFact[]): this {
    for (const fact of facts) {
      this.events.push({ v: 1, seq: this.events.length + 1, at: new Date(startMs + this.#nowMs).toISOString(), mono_ms: this.#nowMs, run_id: 'r', ...fact });
    }
    return this;
  }

  host(name: string, pid = 1): this {
    return this.add({ type: 'host.started', host: name, pid, restart: 0 }, { type: 'host.ready', host: name, duration_ms: 1 });
  }

  exit(host: string, expected = true, pid = 1): this {
    return this.add({ type: 'host.exited', host, pid, exit_code: 0, signal: null, expected });
  }

  submit(job: string, user = `user-${job}`): this {
    return this.add({ type: 'job.submitted', job, job_id: `r-${job}`, user_id: user, question: 'why?' });
  }

  accept(job: string): this {
    return this.submit(job).add({ type: 'job.accepted', job, job_id: `r-${job}`, correlation_id: 'c' });
  }

  report(job: string, result: Readonly<Record<string, unknown>> = {}, durationMs = 100): this {
    const whole = { success: true, report: 'object', level: 'FULL', missing_data: [], recovery_performed: false, checkpoints_used: 0, resumed_sections: 0, correlation_id: 'c', ...result };
    return this.add({ type: 'job.reported', job, job_id: `r-${job}`, user_id: `user-${job}`, duration_ms: durationMs, result: whole, sections: [], report_path: '' });
  }

  stored(job: string, more: Partial<Fact<'report.stored'>> = {}): this {
    return this.add({ type: 'report.stored', job_id: `r-${job}`, user_id: `user-${job}`, document_user_id: `user-${job}`, level: 'FULL', sections: [], ...more });
  }

  saved(job: string, section: string, more: Partial<Fact<'checkpoint.saved'>> = {}): this {
    return this.add({ type: 'checkpoint.saved', host: 'reporting-1', job_id: `r-${job}`, user_id: `user-${job}`, section, fencing_token: 1, bytes: 10, duration_ms: 2, host_at: startMs + this.#nowMs, ...more });
  }

  rejected(job: string, section: string, reason: Fact<'checkpoint.rejected'>['reason']): this {
    return this.add({ type: 'checkpoint.rejected', host: 'reporting-1', job_id: `r-${job}`, section, reason, detail: '', host_at: startMs + this.#nowMs });
  }

  called(job: string, section: string | null, more: Partial<LlmCalled> = {}): this {
    const call: LlmCalled = {
      type: 'llm.called',
      call_id: `call-${this.events.length + 1}`,
      host_at: startMs + this.#nowMs,
      host: 'reporting-1',
      job_id: `r-${job}`,
      section,
      attempt: 1,
      status: 200,
      outcome: 'completed',
      prompt_tokens: 10,
      completion_tokens: 5,
      duration_ms: 50,
      fault: null,
    };
    return this.add({ ...call, ...more });
  }

  breaker(from: string, to: string, breaker = 'llm', host = 'reporting-1'): this {
    return this.add({ type: 'breaker.transition', host, breaker, from, to, host_at: startMs + this.#nowMs });
  }

  dependency(dependency: Fact<'dependency.changed'>['dependency'], up: boolean, host = 'reporting-1'): this {
    return this.add({ type: 'dependency.changed', host, dependency, up, detail: '', host_at: startMs + this.#nowMs });
  }

  level(from: number, to: number, host = 'reporting-1'): this {
    return this.add({ type: 'level.changed', host, from, to, reason: '', host_at: startMs + this.#nowMs });
  }

  inject(fault: string, target: string, parameters: Readonly<Record<string, unknown>> = {}, occurrence = 1): this {
    return this.add({ type: 'fault.injected', fault, fault_type: fault.slice(0, fault.indexOf('@')), target, parameters, occurrence });
  }

  heal(fault: string, affected: number | null = 1, occurrence = 1): this {
    return this.add({ type: 'fault.healed', fault, occurrence, affected, unit: 'calls', reason: 'length' });
  }
}

export function journal(): JournalBuilder {
  return new JournalBuilder();
}
