import { defineInvariant } from '../check.ts';
import { hostsWereHeard } from '../host-lives.ts';

/**
 * A save with a lower token that began before the higher one was acknowledged may be told later: its host may have
 * stood still in between. That a stale writer was refused is how it should be.
 */
export const noStaleWriter = defineInvariant({
  name: 'no-stale-writer',
  summary: 'No checkpoint of a job is written under a lower fencing token than one before it',
  judge(events) {
    if (!hostsWereHeard(events)) return { status: 'unknown', detail: 'no host has told of anything', evidence: [] };
    const saves = events.filter((event) => event.type === 'checkpoint.saved');
    const stale = saves.flatMap((save) => {
      const beganAtMs = save.host_at - save.duration_ms;
      const higher = saves.find((other) => other.job_id === save.job_id && other.fencing_token > save.fencing_token && other.host_at < beganAtMs);
      return higher === undefined ? [] : [`seq ${save.seq}: ${save.section} of ${save.job_id ?? 'no job'} under token ${save.fencing_token}, after token ${higher.fencing_token} at seq ${higher.seq}`];
    });
    if (stale.length > 0) return { status: 'fail', detail: `${stale.length} of ${saves.length} checkpoints were written by a stale writer`, evidence: stale };
    const refused = events.filter((event) => event.type === 'checkpoint.rejected' && event.reason === 'stale_writer');
    return { status: 'pass', detail: `${saves.length} checkpoints written, ${refused.length} times a stale writer was refused`, evidence: refused.map(({ seq }) => `seq ${seq}`) };
  },
});
