import { counted } from '../../../core/counted.ts';
import type { JournalEvent, LlmCalled } from '../../../journal/events.ts';
import { defineInvariant } from '../check.ts';
import { faultTimes, type FaultTime } from '../fault-times.ts';

type Saved = Extract<JournalEvent, { type: 'checkpoint.saved' }>;
type Call = LlmCalled & { readonly seq: number };

/**
 * A call counts that reached the model after the checkpoint was acknowledged, from an attempt that could know:
 * - not one with a lower token than the checkpoint's (a process that was paused meanwhile and came back);
 * - not once the checkpoint was found damaged or foreign, and rejected;
 * - from another attempt than the one that saved it, not where Redis was out of reach or lost keys in between:
 *   there was nothing to take over then. Without Redis two attempts may have one token, but not in one process.
 */
export const noSectionPaidTwice = defineInvariant({
  name: 'no-section-paid-twice',
  summary: 'No section is asked of the model again after its checkpoint was acknowledged',
  judge(events) {
    const calls = events.filter((event) => event.type === 'llm.called');
    const saved = events.filter((event) => event.type === 'checkpoint.saved');
    if (calls.length === 0) return { status: 'unknown', detail: 'no call of the model is known', evidence: [] };
    const redisFaults = faultTimes(events).filter(({ injected }) => injected.target === 'redis' || /^(?:redis|checkpoint)-/.test(injected.fault_type));
    const ends = events.flatMap((event) => (event.type === 'host.exited' ? [{ host: event.host, atMs: Date.parse(event.at) }] : []));
    const isSameProcess = (call: Call, save: Saved): boolean => call.host === save.host && !ends.some(({ host, atMs }) => host === save.host && atMs >= save.host_at && atMs <= call.host_at);
    const twice = calls.flatMap((call) => {
      const before = saved.find((each) => each.job_id === call.job_id && each.section === call.section && isPaidAgain(call, each, redisFaults, isSameProcess) && !wasRejected(each, call, events));
      return before === undefined ? [] : [`seq ${call.seq}: ${call.section ?? ''} of ${call.job_id ?? ''}, acknowledged at seq ${before.seq}`];
    });
    if (twice.length > 0) return { status: 'fail', detail: `${counted(twice.length, 'call')} asked for sections whose checkpoints had been acknowledged`, evidence: twice };
    return { status: 'pass', detail: `${counted(calls.length, 'call')}, ${counted(saved.length, 'checkpoint')}, none asked for again`, evidence: [] };
  },
});

function isPaidAgain(call: Call, saved: Saved, redisFaults: readonly FaultTime[], isSameProcess: (call: Call, saved: Saved) => boolean): boolean {
  if (call.host_at <= saved.host_at) return false;
  if (call.attempt === saved.fencing_token && isSameProcess(call, saved)) return true;
  if (call.attempt !== null && call.attempt < saved.fencing_token) return false;
  return !redisFaults.some(({ fromMs, toMs }) => fromMs < call.host_at && toMs >= saved.host_at);
}

function wasRejected(saved: Saved, call: Call, events: readonly JournalEvent[]): boolean {
  return events.some(
    (event) =>
      event.type === 'checkpoint.rejected' &&
      event.job_id === saved.job_id &&
      event.section === saved.section &&
      (event.reason === 'damaged' || event.reason === 'foreign') &&
      event.host_at >= saved.host_at &&
      event.host_at <= call.host_at,
  );
}
