import type { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import type { RunningInfra } from '../../infra/provider.ts';
import type { JournalEvent } from '../../journal/events.ts';
import type { FleetDriver } from '../engine/fleet-driver.ts';
import type { UndoLog } from '../engine/undo-log.ts';
import type { Holds } from './holds.ts';

/** What a fault may reach: the lab's side of everything, never the fleet's insides. */
export interface FaultContext {
  readonly infra: RunningInfra;
  readonly driver: FleetDriver;
  readonly clock: Clock;
  /** `<fault id>-<occurrence>`: unique in the run, for naming what the fault leaves in services. */
  readonly name: string;
  /** A stream of this fault's own, forked from the scenario's seed, the fault's id and the occurrence. */
  readonly rng: Rng;
  /** Ids of the run's jobs, in the order of submission. */
  readonly jobIds: () => readonly string[];
  /** What the journal holds so far. */
  readonly events: () => readonly JournalEvent[];
  /** Undoing that a crash of the lab must not prevent is written here before the fault acts. */
  readonly undoLog: UndoLog;
  /** For what several faults may hold at the same time, such as a proxy that is down. */
  readonly holds: Holds;
}

/** What a fault is known to have done so far; a fault that has touched nothing makes the run `unknown`. */
export interface Affected {
  /** What is counted: bytes that a toxic acted on, calls that got a fault's answer, processes signalled, keys changed. */
  readonly unit: 'bytes' | 'connections' | 'calls' | 'processes' | 'keys' | 'messages' | 'hosts';
  /** null where nobody can count it: a Toxiproxy that is not ours tells no figures. */
  readonly count: number | null;
}

/** A fault at work. */
export interface InjectedFault {
  /** Takes it back. Called once, also after Ctrl-C; must work with whatever is left by then, and is bounded by the signal. */
  heal(signal: AbortSignal): Promise<void>;
  affected(signal: AbortSignal): Promise<Affected>;
}

export type FaultTarget = 'redis' | 'kafka' | 'postgres' | 'llm' | 'host';

/** One kind of fault, as scenario files name it; one file each, called as its type. */
export interface FaultDefinition<Parameters extends object = object> {
  /** `latency`, `kill`, `llm-rate-limit`: what a scenario writes as `type`. */
  readonly type: string;
  readonly family: 'network' | 'llm' | 'process' | 'data';
  /** One sentence for `netra-resilience scenarios --faults` and the JSON Schema. */
  readonly summary: string;
  /** What `target` may be; `host` stands for any host by name or role. Empty where the fault takes no target. */
  readonly targets: readonly FaultTarget[];
  /** A strict object; its keys stand beside `type`, `target` and the times in a scenario. */
  readonly parameters: z.ZodObject & z.ZodType<Parameters>;
  /** `target` may be a role, and all of its hosts are meant; without it, one of them is drawn. @default false */
  readonly wholeRole?: boolean;
  /** Begins before the hosts are started; such a fault has no `at` or `after`. @default false */
  readonly precedesFleet?: boolean;
  /** Over as soon as it has been done, with nothing to take back: such a fault has no `for` or `until`. @default false */
  readonly momentary?: boolean;
  inject(context: FaultContext, target: string, parameters: Parameters, signal: AbortSignal): Promise<InjectedFault>;
}

/** Types a fault without changing it. */
export function defineFault<Parameters extends object>(fault: FaultDefinition<Parameters>): FaultDefinition<Parameters> {
  return fault;
}
