import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';

export const runId = '20261120-104501-3f9a1c';

/** A journal of these facts, each at its own millisecond; whatever a fact of a host has beside its type may be left out. */
export function journalOf(...facts: readonly (readonly [atMs: number, fact: { readonly type: JournalFact['type'] } & Readonly<Record<string, unknown>>])[]): JournalEvent[] {
  return facts.map(([atMs, fact], index) => ({ v: 1, seq: index + 1, at: new Date(1_795_000_000_000 + atMs).toISOString(), mono_ms: atMs, run_id: runId, ...fact }) as unknown as JournalEvent);
}

export const started = { type: 'run.started', command: 'chaos', seed: '1', provider: 'embedded', control: false, versions: { 'netra-resilience': '0.1.0', node: '24.0.0', data: 'x' }, machine: { platform: 'linux', cpus: 2, memory_mb: 8_192 }, jobs: 1 } as const;

/** One job through an outage of Redis, with a crash. */
export const outage: readonly JournalEvent[] = journalOf(
  [0, started],
  [900, { type: 'host.started', host: 'reporting-1', pid: 7, restart: 0 }],
  [1_000, { type: 'host.ready', host: 'reporting-1', duration_ms: 100 }],
  [1_100, { type: 'host.ready', host: 'control-1', duration_ms: 100 }],
  [2_000, { type: 'job.submitted', job: 'job-1', job_id: `${runId}-job-1`, user_id: 'user-1', question: 'Why </script><script>alert(1)</script>?' }],
  [2_001, { type: 'job.accepted', job: 'job-1', job_id: `${runId}-job-1`, correlation_id: 'c' }],
  [3_000, { type: 'fault.injected', fault: 'down-redis-1', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1 }],
  [3_100, { type: 'breaker.transition', host: 'reporting-1', breaker: 'redis', from: 'closed', to: 'open', failure_rate: 0.5 }],
  [3_200, { type: 'level.changed', host: 'reporting-1', from: 0, to: 3, reason: 'redis and kafka are down' }],
  [3_500, { type: 'host.exited', host: 'control-1', pid: 8, exit_code: null, signal: 'SIGKILL', expected: true }],
  [3_600, { type: 'host.started', host: 'control-1', pid: 9, restart: 1 }],
  [4_000, { type: 'fault.healed', fault: 'down-redis-1', occurrence: 1, affected: 4, unit: 'connections', reason: 'length' }],
  [4_100, { type: 'dependency.sampled', host: 'reporting-1', dependency: 'redis', interval_ms: 1_000, calls: 3, failures: 1, latency_p50_ms: 2, latency_max_ms: 30 }],
  [4_200, { type: 'dependency.sampled', host: 'control-1', dependency: 'redis', interval_ms: 1_000, calls: 1, failures: 0, latency_p50_ms: 6, latency_max_ms: 8 }],
  [4_300, { type: 'level.changed', host: 'reporting-1', from: 3, to: 0, reason: 'all are back' }],
  [4_400, { type: 'breaker.transition', host: 'reporting-1', breaker: 'redis', from: 'open', to: 'closed' }],
  [4_500, { type: 'checkpoint.resumed', host: 'reporting-1', job_id: `${runId}-job-1`, sections: ['summary'], fencing_token: 2, age_seconds: 1 }],
  [5_000, { type: 'job.reported', job: 'job-1', job_id: `${runId}-job-1`, user_id: 'user-1', duration_ms: 3_000, result: { level: 'STANDARD', resumed_sections: 1 }, sections: ['summary'], report_path: 'r' }],
  [6_000, { type: 'host.exited', host: 'reporting-1', pid: 7, exit_code: 0, signal: null, expected: true }],
  [6_100, { type: 'run.finished', verdict: 'pass', duration_ms: 6_100 }],
);
