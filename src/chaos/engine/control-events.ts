import type { JournalEvent } from '../../journal/events.ts';

/**
 * A control run has no checkpoints: faults that wait for one would never begin, and the two runs would not be about
 * the same. What stands in for them there: a section is done (`checkpoint.saved`) once its attempt goes on to the next one or
 * completes, and a job is taken up again (`checkpoint.resumed`) once another attempt at it starts before it has completed.
 */
export class ControlEvents {
  /** Of attempts under way, by host and job: the section that is being written. */
  readonly #writing = new Map<string, string>();
  /** Jobs of which an attempt has started, and none completed. */
  readonly #started = new Set<string>();

  /** The type of event that this one stands for as well; undefined where it is only what it is. Wants every event, once. */
  standsFor(event: JournalEvent): 'checkpoint.saved' | 'checkpoint.resumed' | undefined {
    if (event.type !== 'agent.started' && event.type !== 'agent.thinking' && event.type !== 'agent.completed' && event.type !== 'agent.error') return undefined;
    const { job_id: jobId, operation, host } = event;
    if (operation !== 'report' || typeof jobId !== 'string') return undefined;
    const attempt = `${host} ${jobId}`;
    const before = this.#writing.get(attempt);
    if (event.type === 'agent.thinking') {
      if (event.section === undefined) return undefined;
      this.#writing.set(attempt, event.section);
      return before === undefined || before === event.section ? undefined : 'checkpoint.saved';
    }
    this.#writing.delete(attempt);
    if (event.type === 'agent.started') {
      const again = this.#started.has(jobId);
      this.#started.add(jobId);
      return again ? 'checkpoint.resumed' : undefined;
    }
    if (event.type === 'agent.error') return undefined;
    this.#started.delete(jobId);
    return before === undefined ? undefined : 'checkpoint.saved';
  }
}
