import { createRng, type Rng } from '../../core/rng.ts';
import { findFault } from '../faults/index.ts';
import { eventHost } from '../scenario/fault-entry.ts';
import { hostNames, hostsOf } from '../scenario/fleet-hosts.ts';
import type { PlannedFault, Scenario } from '../scenario/scenario.ts';

/** One time of a fault, with everything that the seed decides about it. */
export interface PlannedOccurrence {
  readonly fault: PlannedFault;
  /** From 1. */
  readonly occurrence: number;
  /** A role has become one of its hosts, unless the fault means them all. */
  readonly target: string;
  /** Drawn for a fault with a probability; null for one that is certain. */
  readonly draw: number | null;
  readonly happens: boolean;
}

/** Pure: the same scenario and seed give the same list, in the order of the file. */
export function planOccurrences(scenario: Scenario, seed: string): PlannedOccurrence[] {
  const hosts = hostNames(scenario.fleet.reportingHosts);
  return scenario.faults.flatMap((fault) =>
    Array.from({ length: 1 + (fault.repeat?.times ?? 0) }, (_, index) => {
      const occurrence = index + 1;
      const rng = occurrenceRng(seed, fault, occurrence).fork('plan');
      const draw = fault.probability < 1 ? rng.next() : null;
      return { fault, occurrence, target: drawTarget(fault, hosts, rng), draw, happens: draw === null || draw < fault.probability };
    }),
  );
}

/** The stream that one time of a fault draws from; independent of all others. */
export function occurrenceRng(seed: string, fault: PlannedFault, occurrence: number): Rng {
  return createRng(seed).fork('faults').fork(fault.id).fork(String(occurrence));
}

function drawTarget(fault: PlannedFault, hosts: readonly string[], rng: Rng): string {
  const definition = findFault(fault.type);
  if (definition === undefined || !definition.targets.includes('host') || definition.wholeRole === true || fault.target === eventHost) return fault.target;
  return rng.pick(hostsOf(fault.target, hosts));
}
