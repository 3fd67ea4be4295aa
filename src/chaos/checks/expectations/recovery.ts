import { z } from 'zod';
import { duration, formatDuration } from '../../scenario/duration.ts';
import { recoveryOf } from '../recovery-time.ts';
import { defineExpectation } from './expectation.ts';

export const recovery = defineExpectation({
  name: 'recovery',
  summary: 'Every host is back at level 0 within a time after the last fault was taken back',
  parameters: z.strictObject({ within: duration }),
  cannotJudge: ({ faults }) => (faults.length === 0 ? 'nothing is broken' : undefined),
  judge(events, { within: withinMs }) {
    const found = recoveryOf(events);
    if (found.kind === 'no-fault') return { status: 'unknown', detail: 'no fault was taken back', evidence: [] };
    const asked = `${formatDuration(withinMs)} was asked for`;
    if (found.kind === 'recovered') return { status: found.afterMs <= withinMs ? 'pass' : 'fail', detail: `level 0 everywhere after ${Math.round(found.afterMs)} ms; ${asked}`, evidence: [`seq ${found.seq}`] };
    const where = [...found.levels].map(([host, level]) => `${host} at level ${level}`);
    return { status: found.watchedMs > withinMs ? 'fail' : 'unknown', detail: `not back when the run ended after ${Math.round(found.watchedMs)} ms (${where.join(', ')}); ${asked}`, evidence: where };
  },
});
