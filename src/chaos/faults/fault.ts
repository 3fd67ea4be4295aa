import type { Toxiproxy } from 'toxiproxy-node-client';
import type { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import type { RunningInfra } from '../../infra/provider.ts';
import type { FleetDriver } from '../engine/fleet-driver.ts';

/** What a fault may reach: the lab's side of everything, never the fleet's insides. */
export interface FaultContext {
  readonly infra: RunningInfra;
  readonly driver: FleetDriver;
  readonly toxiproxy: Toxiproxy;
  readonly clock: Clock;
  /** A stream of this fault's own, forked from the scenario's seed and the fault's id. */
  readonly rng: Rng;
  /** Ids of the run's jobs, in the order of submission. */
  readonly jobIds: () => readonly string[];
}

/** What a fault is known to have done so far; a fault that has touched nothing makes the run `unknown`. */
export interface Affected {
  /** What is counted: bytes that a toxic acted on, calls that got a fault's answer, processes signalled, keys changed. */
  readonly unit: 'bytes' | 'connections' | 'calls' | 'processes' | 'keys' | 'messages';
  readonly count: number;
}

/** A fault at work. */
export interface InjectedFault {
  /** Takes it back. Called once, also after Ctrl-C; must work with whatever is left by then, and is bounded by the signal. */
  heal(signal: AbortSignal): Promise<void>;
  affected(signal: AbortSignal): Promise<Affected>;
}

/** One kind of fault, as scenario files name it; one file each, called as its type. */
export interface FaultDefinition<Parameters extends object = object> {
  /** `latency`, `kill`, `llm-rate-limit`: what a scenario writes as `type`. */
  readonly type: string;
  readonly family: 'network' | 'llm' | 'process' | 'data';
  /** One sentence for `netra-resilience scenarios --faults` and the JSON Schema. */
  readonly summary: string;
  /** What `target` may be; `host` stands for any host by name or role. Empty where the fault takes no target. */
  readonly targets: readonly ('redis' | 'kafka' | 'postgres' | 'llm' | 'host')[];
  readonly parameters: z.ZodType<Parameters>;
  inject(context: FaultContext, target: string, parameters: Parameters, signal: AbortSignal): Promise<InjectedFault>;
}

/** Types a fault without changing it. */
export function defineFault<Parameters extends object>(fault: FaultDefinition<Parameters>): FaultDefinition<Parameters> {
  return fault;
}
