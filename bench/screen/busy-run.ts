import type { JournalEvent, JournalFact } from '../../src/journal/events.ts';

const business = ['order', 'product', 'customer', 'inventory', 'payment', 'transport', 'marketplace', 'aftersales', 'quality', 'warehouse', 'backoffice', 'knowledge', 'fraud', 'risk', 'documents'];
const sections = ['data_analysis', 'recommendations', 'action_items', 'summary'];
const text = 'Orders rose by 4.2 % to 1,284, carried by the two products named below; returns stayed where they were. '.repeat(6);

/** Builds the journal of a fleet of 20 agents on 4 hosts, event by event; the caller says when each happens. */
export class BusyRun {
  #seq = 0;
  #job = 0;

  event(fact: JournalFact, atMs: number): JournalEvent {
    this.#seq += 1;
    return { v: 1, seq: this.#seq, at: new Date(atMs).toISOString(), mono_ms: Math.round(atMs * 10) / 10, run_id: 'bench', ...fact };
  }

  get events(): number {
    return this.#seq;
  }

  /** Everything before the first job. */
  beginning(): JournalFact[] {
    const hosts = ['business-1', 'control-1', 'reporting-1', 'reporting-2'];
    const agents: [string, string][] = [...business.map((agent): [string, string] => ['business-1', agent]), ...['supervisor', 'triage', 'data', 'data_helper'].map((agent): [string, string] => ['control-1', agent]), ['reporting-1', 'reporting'], ['reporting-2', 'reporting']];
    return [
      { type: 'run.started', command: 'run', seed: '1', provider: 'embedded', control: false, versions: {}, machine: { platform: 'linux', cpus: 2, memory_mb: 1 }, jobs: 100_000 },
      ...['toxiproxy', 'redis', 'kafka', 'postgres', 'llm'].map((service): JournalFact => ({ type: 'infra.service_ready', service, address: '127.0.0.1:1', started_in_ms: 1 })),
      ...hosts.flatMap((host): JournalFact[] => [
        { type: 'host.started', host, pid: 1, restart: 0 },
        { type: 'host.ready', host, duration_ms: 1 },
      ]),
      ...agents.map(([host, agent]): JournalFact => ({ type: 'agent.started', host, agent, host_at: 0 })),
      { type: 'fleet.ready', duration_ms: 1 },
      ...hosts.flatMap((host) => ['redis', 'kafka', 'postgres', 'llm'].map((breaker): JournalFact => ({ type: 'breaker.sampled', host, host_at: 0, breaker, state: 'closed', failure_rate: 0, calls: 10, probe_in_ms: null }))),
    ];
  }

  /** All of one job: 17 events. Every tenth is disturbed as a chaos run disturbs it. */
  job(): JournalFact[] {
    this.#job += 1;
    const job = `job-${this.#job}`;
    const ids = { job, job_id: `bench-${job}` };
    const host = `reporting-${(this.#job % 2) + 1}`;
    const about = { host, host_at: 0, agent: 'reporting', job_id: ids.job_id, correlation_id: job };
    return [
      { type: 'job.submitted', ...ids, user_id: 'user-1', question: 'How did orders and revenue develop, and which products carried them?' },
      { type: 'job.accepted', ...ids, correlation_id: job },
      { type: 'agent.started', ...about, operation: 'report', attempt: 1_001 },
      ...(this.#job % 10 === 0 ? disturbance(host, this.#job) : []),
      ...sections.flatMap((section): JournalFact[] => [
        { type: 'agent.thinking', ...about, operation: 'report', section },
        { type: 'section.completed', ...about, section, source: 'model', text },
        { type: 'checkpoint.saved', ...about, section, fencing_token: 1, bytes: 900, duration_ms: 2 },
      ]),
      { type: 'agent.completed', ...about, operation: 'report', duration_ms: 900, level: 'FULL' },
      { type: 'job.reported', ...ids, user_id: 'user-1', duration_ms: 900, result: { success: true, level: 'FULL', missing_data: [] }, sections, report_path: 'x.md' },
    ];
  }

  /** What hosts tell once a second. */
  second(): JournalFact[] {
    return ['business-1', 'control-1', 'reporting-1', 'reporting-2'].flatMap((host, index) =>
      (['redis', 'kafka', 'postgres', 'llm'] as const).map((dependency): JournalFact => ({ type: 'dependency.sampled', host, host_at: 0, dependency, interval_ms: 1_000, calls: 40, failures: 0, latency_p50_ms: 1 + ((this.#job + index) % 7), latency_max_ms: 12 })),
    );
  }
}

function disturbance(host: string, job: number): JournalFact[] {
  const up = job % 20 === 0;
  return [
    { type: 'dependency.changed', host, host_at: 0, dependency: 'redis', up, detail: 'connect ECONNREFUSED' },
    { type: 'breaker.transition', host, host_at: 0, breaker: 'redis', from: up ? 'half-open' : 'closed', to: up ? 'closed' : 'open' },
    { type: 'level.changed', host, host_at: 0, from: up ? 1 : 0, to: up ? 0 : 1, reason: 'redis: connect ECONNREFUSED' },
  ];
}
