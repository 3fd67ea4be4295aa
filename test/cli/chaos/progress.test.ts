import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands/index.ts';
import { parseCommandLine } from '../../../src/cli/program.ts';
import { progressLine } from '../../../src/cli/run/progress.ts';
import type { JournalFact } from '../../../src/journal/events.ts';

const shown = (fact: JournalFact): string | undefined => progressLine({ v: 1, seq: 1, at: '', mono_ms: 1_500, run_id: 'r', ...fact }, new Chalk({ level: 0 }));

it.each<readonly [JournalFact, string]>([
  [{ type: 'steady.checked', phase: 'before', met: true, waited_ms: 30, detail: 'level 0' }, 'steady state before the faults: level 0 (30 ms)'],
  [{ type: 'steady.checked', phase: 'after', met: false, waited_ms: 900, detail: 'reporting-1 is at level 2' }, 'steady state after the faults: not met, reporting-1 is at level 2 (900 ms)'],
  [{ type: 'fault.injected', fault: 'down-redis-1', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1 }, 'fault down-redis-1 injected: down on redis'],
  [{ type: 'fault.injected', fault: 'down-redis-1', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 3 }, 'fault down-redis-1 injected for the 3. time: down on redis'],
  [{ type: 'fault.skipped', fault: 'kill-1', occurrence: 1, probability: 0.5, draw: 0.75 }, 'fault kill-1 does not happen: drawn 0.750, probability 0.5'],
  [{ type: 'fault.healed', fault: 'f', occurrence: 1, affected: 12, unit: 'bytes', reason: 'length' }, 'fault f healed (its time was up): 12 bytes affected'],
  [{ type: 'fault.healed', fault: 'f', occurrence: 1, affected: null, unit: 'bytes', reason: 'interrupted' }, 'fault f healed (cut short): nobody can count its bytes'],
  [{ type: 'fault.failed', fault: 'f', phase: 'heal', detail: 'gone' }, 'fault f: heal failed: gone'],
  [{ type: 'guardrail.tripped', guardrail: 'time-limit', detail: 'too long' }, 'guardrail time-limit tripped: too long'],
  [{ type: 'leftover.found', kind: 'key', name: 'netra:x' }, 'left behind: key netra:x'],
])('P02 progress of %o', (fact, text) => {
  expect(shown(fact)).toBe(`   1.50s  ${text}`);
});

it('P02 chaos and scenarios take any number of words', () => {
  for (const line of ['chaos a b ./c.yaml --json', 'scenarios validate a b c']) expect(parseCommandLine(commands, line.split(' '), '1.0.0')).toMatchObject({ kind: 'command', input: { problems: [] } });
});
