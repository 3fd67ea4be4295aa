import { describe, expect, it } from 'vitest';
import { ControlEvents } from '../../../src/chaos/engine/control-events.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';

/** What each event stands for: `host job type section`. */
function standIns(...lines: string[]): (string | undefined)[] {
  const events = new ControlEvents();
  return lines.map((line) => {
    const [host, jobId, type, section] = line.split(' ');
    return events.standsFor({ type: `agent.${type}`, host, job_id: jobId, operation: 'report', ...(section === undefined ? {} : { section }) } as unknown as JournalEvent);
  });
}

describe('what stands in for checkpoints in a control run', () => {
  it('D11 a section is done when its attempt goes on to the next, or completes', () => {
    expect(standIns('a j started', 'a j thinking one', 'a j thinking one', 'a j thinking two', 'a j completed')).toEqual([undefined, undefined, undefined, 'checkpoint.saved', 'checkpoint.saved']);
  });

  it('D11 jobs and hosts are told apart', () => {
    expect(standIns('a j thinking one', 'a k thinking two', 'b j thinking two', 'a j thinking two')).toEqual([undefined, undefined, undefined, 'checkpoint.saved']);
  });

  it('D11 another attempt at a job that is not done takes it up again; what an attempt was writing when it failed is not done', () => {
    expect(standIns('a j started', 'a j thinking one', 'a j error', 'a j started', 'a j thinking two', 'a j completed', 'a j started')).toEqual([undefined, undefined, undefined, 'checkpoint.resumed', undefined, 'checkpoint.saved', undefined]);
    expect(standIns('a j started', 'b j started')).toEqual([undefined, 'checkpoint.resumed']);
  });

  it('D11 what is about no report stands for nothing', () => {
    const events = new ControlEvents();
    for (const event of [{ type: 'agent.started', host: 'a' }, { type: 'agent.thinking', host: 'a', job_id: 'j', operation: 'collect', section: 'x' }, { type: 'job.accepted', job_id: 'j' }]) {
      expect(events.standsFor(event as unknown as JournalEvent)).toBeUndefined();
    }
  });
});
