import type { InfraServiceReady, JournalEvent } from './events.ts';
import { servicesOf } from './provider-words.ts';

/** What a piece of text means; whoever shows it decides how that looks. */
export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warning' | 'bad' | 'notice' | 'fault';
export interface Span {
  readonly tone: Tone;
  readonly text: string;
}

const reasons = { length: 'its time was up', user: 'by hand', end: 'the jobs are done', interrupted: 'cut short' } as const;

/**
 * One line for each event worth reading, in pieces; undefined for the others. Pure: what is shown live
 * can be shown again from the file.
 */
export function eventText(event: JournalEvent): readonly Span[] | undefined {
  switch (event.type) {
    case 'run.started':
      return [plain('run '), span('strong', event.run_id), plain(`  seed ${event.seed}  ${servicesOf(event.provider)}  ${event.jobs} job${event.jobs === 1 ? '' : 's'}`), ...(event.control ? [span('warning', '  control: resilience is off')] : [])];
    case 'data.read':
      return event.rows_rejected > 0 ? [span('warning', `data  ${event.file}: ${event.rows_rejected} of ${event.rows_read} rows cannot be used (summary.json lists them)`)] : undefined;
    case 'infra.service_ready':
      return [plain(`${event.service.padEnd(10)} ready at ${event.address} `), span('dim', `(${event.started_in_ms} ms${phasesOf(event)})`)];
    case 'infra.image_pull':
      return [plain(event.done ? `${event.service.padEnd(10)} image ${event.image} is there` : `${event.service.padEnd(10)} fetching ${event.image}${event.total_mb === 0 ? '' : `: ${event.received_mb} of ${event.total_mb} MB`}`)];
    case 'infra.kept':
      return [plain(`kept: ${event.services.map(({ service, url }) => `${service} at ${url}`).join(', ')}; remove them with: ${event.remove}`)];
    case 'infra.warning':
      return [span('warning', `${event.service}: ${event.message}`)];
    case 'infra.exited':
      return [span('bad', `infrastructure ${event.container === undefined ? `process ${event.pid}` : `container ${event.container}`} (${event.services.join(', ')}) ended: ${event.signal ?? `exit code ${event.exit_code}`}`)];
    case 'host.ready':
      return [plain(`${event.host.padEnd(12)} ready `), span('dim', `(${event.duration_ms} ms)`)];
    case 'host.exited':
      return event.expected ? undefined : [span('bad', `${event.host} ended: ${event.signal ?? `exit code ${event.exit_code}`}; it is started again`)];
    case 'job.accepted':
      return [plain(`${event.job.padEnd(10)} accepted`)];
    case 'job.refused':
      return [span('bad', `${event.job.padEnd(10)} refused: ${event.message} (${event.code})`)];
    case 'job.overdue':
      return [span('bad', `${event.job.padEnd(10)} overdue: no report after ${Math.round(event.waited_ms / 1_000)} s`)];
    case 'job.reported':
      return [span('good', event.job.padEnd(10)), plain(` ${String(event.result.level)} report, ${event.sections.length} sections, ${(event.duration_ms / 1_000).toFixed(2)} s`)];
    case 'level.changed':
      return [span(event.to > event.from ? 'warning' : 'good', `${event.host} level ${event.from} → ${event.to}: ${event.reason}`)];
    case 'dependency.changed':
      return [span(event.up ? 'good' : 'warning', `${event.host} ${event.dependency} ${event.up ? 'is back' : `is gone: ${event.detail}`}`)];
    case 'breaker.transition':
      return [span('warning', `${event.host} breaker ${event.breaker}: ${event.from} → ${event.to}`)];
    case 'checkpoint.resumed':
      return [span('notice', `${event.host} resumed ${event.job_id ?? ''} with ${event.sections.join(', ')} from checkpoints`)];
    case 'checkpoint.rejected':
      return [span('warning', `${event.host} checkpoint of ${event.section} ${event.reason.replace('_', ' ')}: ${event.detail}`)];
    case 'fallback.triggered':
      return [span('warning', `${event.host} ${event.operation}: ${event.kind} fallback, ${event.detail}`)];
    case 'database.reconciled':
      return [span('good', `${event.host} wrote ${event.replayed} rows kept in SQLite to PostgreSQL (${event.already_there} were there)`)];
    case 'report.grounded':
      return event.ungrounded.length > 0 ? [span('bad', `${event.job} holds numbers that are no facts: ${event.ungrounded.slice(0, 5).join(', ')}`)] : undefined;
    case 'steady.checked':
      return [span(event.met ? 'good' : 'bad', `steady state ${event.phase} the faults: ${event.met ? '' : 'not met, '}${event.detail} (${event.waited_ms} ms)`)];
    case 'fault.injected':
      return [span('fault', `fault ${event.fault} injected${event.occurrence > 1 ? ` for the ${event.occurrence}. time` : ''}: ${event.fault_type}${event.target === '' ? '' : ` on ${event.target}`}`)];
    case 'fault.skipped':
      return [span('dim', `fault ${event.fault} does not happen: drawn ${event.draw.toFixed(3)}, probability ${event.probability}`)];
    case 'fault.healed':
      return [span('fault', `fault ${event.fault} healed (${reasons[event.reason]}): ${event.affected === null ? `nobody can count its ${event.unit}` : `${event.affected} ${event.unit} affected`}`)];
    case 'fault.failed':
      return [span('bad', `fault ${event.fault}: ${event.phase} failed: ${event.detail}`)];
    case 'guardrail.tripped':
      return [span('bad', `guardrail ${event.guardrail} tripped: ${event.detail}`)];
    case 'leftover.found':
      return [span('bad', `left behind: ${event.kind} ${event.name}`)];
    case 'check.judged':
      return event.status === 'pass' ? undefined : [span(event.status === 'fail' ? 'bad' : 'warning', `check ${event.check}: ${event.status}: ${event.detail}`)];
    case 'run.interrupted':
      return [span('warning', `interrupted (${event.reason}); everything is being shut down`)];
    default:
      return undefined;
  }
}

function span(tone: Tone, text: string): Span {
  return { tone, text };
}

function plain(text: string): Span {
  return span('plain', text);
}

function phasesOf({ phases }: InfraServiceReady): string {
  if (phases === undefined) return '';
  const pull = phases.pull_ms === 0 ? '' : `pull ${phases.pull_ms}, `;
  return `: ${pull}create ${phases.create_ms}, start ${phases.start_ms}, ready ${phases.ready_ms}`;
}
