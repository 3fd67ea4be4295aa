import { defineInvariant } from '../check.ts';
import { recoveryOf } from '../recovery-time.ts';

const withinMs = 30_000;

export const levelRecovers = defineInvariant({
  name: 'level-recovers',
  summary: `Every host is back at level 0 within ${withinMs / 1_000} s of the last fault`,
  judge(events) {
    const recovery = recoveryOf(events);
    if (recovery.kind === 'no-fault') return { status: 'unknown', detail: 'no fault was taken back', evidence: [] };
    if (recovery.kind === 'recovered') {
      const afterMs = Math.round(recovery.afterMs);
      return { status: afterMs <= withinMs ? 'pass' : 'fail', detail: `level 0 everywhere ${afterMs} ms after the last fault; at most ${withinMs} ms is allowed`, evidence: [`seq ${recovery.seq}`] };
    }
    const where = [...recovery.levels].map(([host, level]) => `${host} at level ${level}`);
    const detail = `${where.join(', ')} when the run ended, ${Math.round(recovery.watchedMs)} ms after the last fault; at most ${withinMs} ms is allowed`;
    return { status: recovery.watchedMs > withinMs ? 'fail' : 'unknown', detail, evidence: where };
  },
});
