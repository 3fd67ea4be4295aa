import type { ChalkInstance } from 'chalk';
import type { InfraServiceReady, JournalEvent } from '../../journal/events.ts';
import { servicesOf } from '../../journal/provider-words.ts';

const reasons = { length: 'its time was up', end: 'the jobs are done', interrupted: 'cut short' } as const;

/** What stands before the text of every line. */
export const timeWidth = 10;

/**
 * One line for each event worth reading; undefined for the others. Pure: what is shown live can be
 * shown again from the file.
 */
export function progressLine(event: JournalEvent, paint: ChalkInstance): string | undefined {
  const text = describe(event, paint);
  return text === undefined ? undefined : `${paint.dim(`${(event.mono_ms / 1_000).toFixed(2).padStart(7)}s`)}  ${text}`;
}

function describe(event: JournalEvent, paint: ChalkInstance): string | undefined {
  switch (event.type) {
    case 'run.started':
      return `run ${paint.bold(event.run_id)}  seed ${event.seed}  ${servicesOf(event.provider)}  ${event.jobs} job${event.jobs === 1 ? '' : 's'}${event.control ? paint.yellow('  control: resilience is off') : ''}`;
    case 'data.read':
      return event.rows_rejected > 0 ? paint.yellow(`data  ${event.file}: ${event.rows_rejected} of ${event.rows_read} rows cannot be used (summary.json lists them)`) : undefined;
    case 'infra.service_ready':
      return `${event.service.padEnd(10)} ready at ${event.address} ${paint.dim(`(${event.started_in_ms} ms${phasesOf(event)})`)}`;
    case 'infra.image_pull':
      return event.done ? `${event.service.padEnd(10)} image ${event.image} is there` : `${event.service.padEnd(10)} fetching ${event.image}${event.total_mb === 0 ? '' : `: ${event.received_mb} of ${event.total_mb} MB`}`;
    case 'infra.kept':
      return `kept: ${event.services.map(({ service, url }) => `${service} at ${url}`).join(', ')}; remove them with: ${event.remove}`;
    case 'infra.warning':
      return paint.yellow(`${event.service}: ${event.message}`);
    case 'infra.exited':
      return paint.red(`infrastructure ${event.container === undefined ? `process ${event.pid}` : `container ${event.container}`} (${event.services.join(', ')}) ended: ${event.signal ?? `exit code ${event.exit_code}`}`);
    case 'host.ready':
      return `${event.host.padEnd(12)} ready ${paint.dim(`(${event.duration_ms} ms)`)}`;
    case 'host.exited':
      return event.expected ? undefined : paint.red(`${event.host} ended: ${event.signal ?? `exit code ${event.exit_code}`}; it is started again`);
    case 'job.accepted':
      return `${event.job.padEnd(10)} accepted`;
    case 'job.refused':
      return paint.red(`${event.job.padEnd(10)} refused: ${event.message} (${event.code})`);
    case 'job.overdue':
      return paint.red(`${event.job.padEnd(10)} overdue: no report after ${Math.round(event.waited_ms / 1_000)} s`);
    case 'job.reported':
      return `${paint.green(event.job.padEnd(10))} ${String(event.result.level)} report, ${event.sections.length} sections, ${(event.duration_ms / 1_000).toFixed(2)} s`;
    case 'level.changed':
      return (event.to > event.from ? paint.yellow : paint.green)(`${event.host} level ${event.from} → ${event.to}: ${event.reason}`);
    case 'dependency.changed':
      return (event.up ? paint.green : paint.yellow)(`${event.host} ${event.dependency} ${event.up ? 'is back' : `is gone: ${event.detail}`}`);
    case 'breaker.transition':
      return paint.yellow(`${event.host} breaker ${event.breaker}: ${event.from} → ${event.to}`);
    case 'checkpoint.resumed':
      return paint.cyan(`${event.host} resumed ${event.job_id ?? ''} with ${event.sections.join(', ')} from checkpoints`);
    case 'checkpoint.rejected':
      return paint.yellow(`${event.host} checkpoint of ${event.section} ${event.reason.replace('_', ' ')}: ${event.detail}`);
    case 'fallback.triggered':
      return paint.yellow(`${event.host} ${event.operation}: ${event.kind} fallback, ${event.detail}`);
    case 'database.reconciled':
      return paint.green(`${event.host} wrote ${event.replayed} rows kept in SQLite to PostgreSQL (${event.already_there} were there)`);
    case 'report.grounded':
      return event.ungrounded.length > 0 ? paint.red(`${event.job} holds numbers that are no facts: ${event.ungrounded.slice(0, 5).join(', ')}`) : undefined;
    case 'steady.checked':
      return (event.met ? paint.green : paint.red)(`steady state ${event.phase} the faults: ${event.met ? '' : 'not met, '}${event.detail} (${event.waited_ms} ms)`);
    case 'fault.injected':
      return paint.magenta(`fault ${event.fault} injected${event.occurrence > 1 ? ` for the ${event.occurrence}. time` : ''}: ${event.fault_type}${event.target === '' ? '' : ` on ${event.target}`}`);
    case 'fault.skipped':
      return paint.dim(`fault ${event.fault} does not happen: drawn ${event.draw.toFixed(3)}, probability ${event.probability}`);
    case 'fault.healed':
      return paint.magenta(`fault ${event.fault} healed (${reasons[event.reason]}): ${event.affected === null ? `nobody can count its ${event.unit}` : `${event.affected} ${event.unit} affected`}`);
    case 'fault.failed':
      return paint.red(`fault ${event.fault}: ${event.phase} failed: ${event.detail}`);
    case 'guardrail.tripped':
      return paint.red(`guardrail ${event.guardrail} tripped: ${event.detail}`);
    case 'leftover.found':
      return paint.red(`left behind: ${event.kind} ${event.name}`);
    case 'check.judged':
      return event.status === 'pass' ? undefined : paint[event.status === 'fail' ? 'red' : 'yellow'](`check ${event.check}: ${event.status}: ${event.detail}`);
    case 'run.interrupted':
      return paint.yellow(`interrupted (${event.reason}); everything is being shut down`);
    default:
      return undefined;
  }
}

function phasesOf({ phases }: InfraServiceReady): string {
  if (phases === undefined) return '';
  const pull = phases.pull_ms === 0 ? '' : `pull ${phases.pull_ms}, `;
  return `: ${pull}create ${phases.create_ms}, start ${phases.start_ms}, ready ${phases.ready_ms}`;
}
