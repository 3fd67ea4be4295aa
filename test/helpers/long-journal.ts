import { createRng, type Rng } from '../../src/core/rng.ts';
import type { JournalEvent, JournalFact } from '../../src/journal/events.ts';

const sections = ['summary', 'data_analysis', 'recommendations', 'risks', 'outlook'];
const hosts = ['control-1', 'business-1', 'reporting-1', 'reporting-2'];
const agents = ['supervisor', 'triage', 'data', 'order', 'payment', 'inventory', 'reporting', 'quality'];
const breakers = ['redis', 'kafka', 'database', 'llm'];
const dependencies = ['redis', 'kafka', 'postgres', 'llm'] as const;

/**
 * A run under load as a fleet would write it: jobs with sections, samples of everything, faults with what comes of
 * them, hosts that crash and come back. The same seed gives the same run; it is cut off at exactly `count` events.
 */
export function longJournal(count: number, seed = '1'): JournalEvent[] {
  const events: JournalEvent[] = [];
  let atMs = 0;
  for (const { gapMs, fact } of writeRun(createRng(seed))) {
    if (events.length === count) break;
    atMs = Math.round((atMs + gapMs) * 10) / 10;
    events.push({ v: 1, seq: events.length + 1, at: new Date(1_795_000_000_000 + atMs).toISOString(), mono_ms: atMs, run_id: '20261120-104501-3f9a1c', ...fact });
  }
  return events;
}

export function journalText(events: readonly JournalEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

interface Written {
  /** Since the event before; 0 for several of the same instant. */
  readonly gapMs: number;
  readonly fact: JournalFact;
}

function* writeRun(rng: Rng): Generator<Written, never> {
  const soon = (fact: JournalFact): Written => ({ gapMs: rng.integer(0, 3) * rng.next(), fact });
  yield soon({ type: 'run.started', command: 'chaos', seed: '1', provider: 'embedded', control: false, versions: {}, machine: { platform: 'x', cpus: 2, memory_mb: 1 }, jobs: 100_000 });
  yield soon({ type: 'scenario.planned', name: 'long', path: 'scenarios/long.yaml', hash: 'h', text: 'name: long\ndescription: A long run.\n' });
  for (const service of dependencies) yield soon({ type: 'infra.service_ready', service, address: '127.0.0.1:1', started_in_ms: 5 });
  for (const host of hosts) yield* hostStart(host, 0, soon);
  yield soon({ type: 'fleet.ready', duration_ms: 100 });
  yield soon({ type: 'steady.checked', phase: 'before', met: true, waited_ms: 3, detail: 'level 0' });
  for (let round = 1; ; round++) {
    yield* job(round, rng, soon);
    if (round % 2 === 0) yield* samples(rng, soon);
    if (round % 40 === 0) yield* outage(round / 40, rng, soon);
    if (round % 300 === 0) yield* crash(round / 300, rng, soon);
  }
}

type Soon = (fact: JournalFact) => Written;

function* hostStart(host: string, restart: number, soon: Soon): Generator<Written> {
  yield soon({ type: 'host.started', host, pid: 10, restart });
  yield soon({ type: 'host.listening', host, url: 'http://127.0.0.1:1' });
  yield soon({ type: 'host.ready', host, duration_ms: 400 });
}

function* job(round: number, rng: Rng, soon: Soon): Generator<Written> {
  const name = `job-${round}`;
  const jobId = `20261120-104501-3f9a1c-${name}`;
  const host = rng.pick(['reporting-1', 'reporting-2']);
  const of = { agent: 'reporting', host, host_at: 1, job_id: jobId, user_id: 'user-1', correlation_id: 'a9e776a6fe059151fcefbf4e73984121' };
  yield soon({ type: 'job.submitted', job: name, job_id: jobId, user_id: 'user-1', question: 'Why did returns rise in autumn?' });
  if (rng.next() < 0.01) {
    yield soon({ type: 'job.refused', job: name, job_id: jobId, code: 'READ_ONLY', message: 'several services are down' });
    return;
  }
  yield soon({ type: 'job.accepted', job: name, job_id: jobId, correlation_id: of.correlation_id });
  yield soon({ ...of, type: 'agent.started', operation: 'report', attempt: 1 });
  if (rng.next() < 0.02) yield soon({ ...of, type: 'checkpoint.resumed', sections: ['summary'], fencing_token: 1, age_seconds: 2 });
  for (const section of sections) {
    yield soon({ ...of, type: 'agent.thinking', operation: 'generate', section });
    if (rng.next() < 0.01) yield soon({ ...of, type: 'agent.error', operation: 'generate', error: { code: 'LLM_UNAVAILABLE', message: 'the model does not answer', severity: 'high', recovery: 'retry' } });
    yield soon({ ...of, type: 'section.completed', section, source: 'model', text: `## ${section}\n\nReturns rose by ${rng.integer(1, 99)} %. `.padEnd(240, 'They rose. ') });
    yield soon({ ...of, type: 'checkpoint.saved', section, fencing_token: 1001, bytes: 700, duration_ms: 3 });
  }
  yield soon({ ...of, type: 'agent.completed', operation: 'report', duration_ms: 900, level: 'FULL' });
  const result = { success: true, level: rng.pick(['FULL', 'FULL', 'BASIC']), missing_data: [], recovery_performed: false, checkpoints_used: 1, resumed_sections: 0, correlation_id: 'c', report: 'object' };
  yield soon({ type: 'job.reported', job: name, job_id: jobId, user_id: 'user-1', duration_ms: 900, result, sections, report_path: `reports/${name}.md` });
  yield soon({ type: 'report.grounded', job: name, job_id: jobId, numbers: 12, ungrounded: [] });
}

/** Of one instant, as a host sends them together. */
function* samples(rng: Rng, soon: Soon): Generator<Written> {
  const host = rng.pick(hosts);
  yield soon({ type: 'agent.sampled', agent: rng.pick(agents), host, host_at: 1, interval_ms: 250, messages: 3, errors: 1, working: 1, failed: [{ operation: 'ask', code: 'X', message: 'it failed', failed_at: 1 }] });
  for (const dependency of dependencies) {
    const fact = { type: 'dependency.sampled' as const, dependency, host, host_at: 1, interval_ms: 250, calls: rng.integer(1, 40), failures: rng.integer(0, 2), latency_p50_ms: 2, latency_max_ms: rng.integer(3, 90) };
    yield { gapMs: 0, fact };
  }
  yield { gapMs: 0, fact: { type: 'breaker.sampled', breaker: rng.pick(breakers), host, host_at: 1, state: 'closed', failure_rate: rng.next(), calls: 20, probe_in_ms: null } };
}

function* outage(round: number, rng: Rng, soon: Soon): Generator<Written> {
  const host = rng.pick(hosts);
  const fault = { fault: `down-redis-${round}`, occurrence: 1 };
  yield soon({ type: 'fault.injected', ...fault, fault_type: 'down', target: 'redis', parameters: { for: '2s' }, lasts_ms: 2_000 });
  yield soon({ type: 'dependency.changed', host, host_at: 1, dependency: 'redis', up: false, detail: 'ECONNREFUSED' });
  yield soon({ type: 'breaker.transition', host, host_at: 1, breaker: 'redis', from: 'closed', to: 'open', failure_rate: 0.6, probe_in_ms: 500 });
  yield soon({ type: 'level.changed', host, host_at: 1, from: 0, to: 2, reason: 'redis is gone' });
  yield soon({ type: 'retry.scheduled', host, host_at: 1, operation: 'save', attempt: 2, delay_ms: 40, code: 'REDIS_UNAVAILABLE' });
  yield soon({ type: 'fault.healed', ...fault, affected: rng.integer(1, 40), unit: 'connections', reason: 'length' });
  yield soon({ type: 'breaker.transition', host, host_at: 1, breaker: 'redis', from: 'open', to: 'closed' });
  yield soon({ type: 'dependency.changed', host, host_at: 1, dependency: 'redis', up: true, detail: '' });
  yield soon({ type: 'level.changed', host, host_at: 1, from: 2, to: 0, reason: 'back' });
}

function* crash(restart: number, rng: Rng, soon: Soon): Generator<Written> {
  const host = rng.pick(hosts);
  yield soon({ type: 'host.exited', host, pid: 10, exit_code: null, signal: 'SIGKILL', expected: false });
  yield* hostStart(host, restart, soon);
}
