import type { Span } from '../../journal/event-text.ts';
import type { JournalEvent } from '../../journal/events.ts';

/** What is too much for the line output and welcome in a tail that scrolls by: work as it goes on. */
export function minorEventText(event: JournalEvent): readonly Span[] | undefined {
  switch (event.type) {
    case 'host.started':
      return dim(`${event.host} ${event.restart === 0 ? 'started' : `started again (${event.restart}. restart)`}`);
    case 'host.exited':
      return [{ tone: event.exit_code === 0 ? 'dim' : 'warning', text: `${event.host} ended: ${event.signal ?? `exit code ${event.exit_code}`}` }];
    case 'fleet.ready':
      return [{ tone: 'good', text: 'the fleet is ready' }];
    case 'job.submitted':
      return dim(`${event.job} asks: ${event.question}`);
    case 'agent.thinking':
      return event.section === undefined ? undefined : dim(`${event.host} writes ${event.section} of ${jobName(event.job_id)}`);
    case 'checkpoint.saved':
      return dim(`${event.host} saved ${event.section} of ${jobName(event.job_id)}`);
    case 'agent.error':
      return [{ tone: 'bad', text: `${event.host} ${event.agent ?? ''} ${event.operation}: ${event.error.message} (${event.error.code})` }];
    case 'retry.scheduled':
      return dim(`${event.host} tries ${event.operation} again in ${Math.round(event.delay_ms)} ms (attempt ${event.attempt}, ${event.code})`);
    case 'run.finished':
      return [{ tone: event.verdict === 'pass' ? 'good' : event.verdict === 'fail' ? 'bad' : 'warning', text: `verdict: ${event.verdict}` }];
    default:
      return undefined;
  }
}

function dim(text: string): readonly Span[] {
  return [{ tone: 'dim', text }];
}

/** Without the lab's run id before it. */
function jobName(jobId: string | undefined): string {
  return jobId === undefined ? 'a job' : jobId.replace(/^\d{8}-\d{6}-[0-9a-f]+-/, '');
}
