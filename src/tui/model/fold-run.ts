import { parse } from 'yaml';
import type { JournalEvent } from '../../journal/events.ts';
import type { ScreenState } from './screen-state.ts';

/** The run as a whole: what it is, how far it is, what it came to. */
export function foldRun(state: ScreenState, event: JournalEvent): void {
  const { header } = state;
  switch (event.type) {
    case 'run.started':
      header.runId = event.run_id;
      header.command = event.command;
      header.provider = event.provider;
      header.seed = event.seed;
      header.control = event.control;
      header.jobsTotal = event.jobs;
      break;
    case 'scenario.planned':
      header.scenario = event.name;
      header.description = descriptionOf(event.text);
      break;
    case 'infra.service_ready':
      state.services.set(event.service, { address: event.address, readyInMs: event.started_in_ms });
      break;
    case 'fleet.ready':
      header.phase = header.scenario === '' ? 'working' : 'steady state';
      break;
    case 'steady.checked':
      header.phase = event.phase === 'before' && event.met ? 'working' : 'judging';
      break;
    case 'report.counted':
    case 'leftover.sought':
      header.phase = 'judging';
      break;
    case 'check.judged':
      header.phase = 'judging';
      state.checks.push({ check: event.check, status: event.status, detail: event.detail });
      break;
    case 'run.interrupted':
      header.interrupted = true;
      header.phase = 'judging';
      break;
    case 'run.finished':
      header.phase = 'done';
      header.verdict = event.verdict;
      header.finishedAtMs = event.mono_ms;
      break;
  }
}

/** Of a scenario file that another version wrote, whatever can be read. */
function descriptionOf(text: string): string {
  try {
    const file: unknown = parse(text);
    const description: unknown = typeof file === 'object' && file !== null ? (file as { description?: unknown }).description : undefined;
    return typeof description === 'string' ? description.replaceAll(/\s+/g, ' ').trim() : '';
  } catch {
    return '';
  }
}
