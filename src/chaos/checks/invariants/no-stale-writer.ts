import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';
import { hostsWereHeard } from '../host-lives.ts';

/**
 * A higher token is known from the saves under it, and from what was resumed under it: by then Redis knew it. A save with a lower
 * token that began before that may be told later: its host may have stood still in between. That a stale writer was
 * refused is how it should be.
 */
export const noStaleWriter = defineInvariant({
  name: 'no-stale-writer',
  summary: 'No checkpoint of a job is written under a lower fencing token than one before it',
  judge(events) {
    if (!hostsWereHeard(events)) return { status: 'unknown', detail: 'no host has told of anything', evidence: [] };
    const saves = events.filter((event) => event.type === 'checkpoint.saved');
    const holds = events.filter((event) => event.type === 'checkpoint.saved' || event.type === 'checkpoint.resumed');
    const stale = saves.flatMap((save) => {
      const beganAtMs = save.host_at - save.duration_ms;
      const higher = holds.find((other) => other.job_id === save.job_id && other.fencing_token > save.fencing_token && other.host_at < beganAtMs);
      return higher === undefined ? [] : [`seq ${save.seq}: ${save.section} of ${save.job_id ?? 'no job'} under token ${save.fencing_token}, after token ${higher.fencing_token} at seq ${higher.seq}`];
    });
    if (stale.length > 0) return { status: 'fail', detail: `${stale.length} of ${counted(saves.length, 'checkpoint')} written by a stale writer`, evidence: stale };
    const refused = events.filter((event) => event.type === 'checkpoint.rejected' && event.reason === 'stale_writer');
    return { status: 'pass', detail: `${counted(saves.length, 'checkpoint')} written, a stale writer refused ${counted(refused.length, 'time')}`, evidence: refused.map(({ seq }) => `seq ${seq}`) };
  },
});
