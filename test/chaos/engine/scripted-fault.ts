import type { Affected, InjectedFault } from '../../../src/chaos/faults/fault.ts';
import type { VirtualClock } from '../../helpers/virtual-clock.ts';

export interface Behaviour {
  readonly injectMs?: number;
  readonly healMs?: number;
  readonly fails?: 'inject' | 'heal' | 'count';
  /** Its injection does not heed the signal. */
  readonly deaf?: boolean;
}

export interface ScriptedFault extends Behaviour {
  readonly name: string;
  /** After the time of its injection in the log. @default nothing */
  readonly where?: string;
  readonly affected: Affected;
}

/** A fault under virtual time that does what it is told to, and a line for everything that was done: `+a1@100` injected, `-a1@300` healed. */
export async function injectScripted({ name, where = '', affected, injectMs = 0, healMs = 0, fails, deaf }: ScriptedFault, clock: VirtualClock, log: string[], signal: AbortSignal): Promise<InjectedFault> {
  if (injectMs > 0) await clock.sleep(injectMs, deaf === true ? undefined : signal);
  if (fails === 'inject') throw new Error('cannot be injected');
  log.push(`+${name}@${clock.monotonicMs()}${where}`);
  return {
    heal: async (healSignal) => {
      log.push(`-${name}@${clock.monotonicMs()}`);
      if (healMs > 0) await clock.sleep(healMs, healSignal);
      if (fails === 'heal') throw new Error('cannot be healed');
    },
    affected: async () => {
      if (fails === 'count') throw new Error('cannot be counted');
      return affected;
    },
  };
}
