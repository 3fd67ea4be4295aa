import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { processStart } from '../../core/process-identity.ts';
import type { Rng } from '../../core/rng.ts';
import type { RunningInfra } from '../../infra/provider.ts';
import type { JournalEvent } from '../../journal/events.ts';
import type { FaultContext, InjectedFault } from '../faults/fault.ts';
import { Holds } from '../faults/holds.ts';
import { findFault } from '../faults/index.ts';
import type { FleetDriver } from './fleet-driver.ts';
import { UndoLog, undoFileName } from './undo-log.ts';
import type { JobSpec } from './workload.ts';

export interface FaultBenchOptions {
  readonly runId: string;
  readonly infra: RunningInfra;
  readonly driver: FleetDriver;
  readonly clock: Clock;
  readonly jobs: readonly JobSpec[];
  /** The journal so far, growing. */
  readonly events: readonly JournalEvent[];
  /** Where the undo list goes; made when it is needed. */
  readonly folder: string;
}

/** One time of a fault, with everything that was to be decided about it. */
export interface FaultToInject {
  readonly type: string;
  /** Unique in the run, for naming what the fault leaves in services. */
  readonly name: string;
  readonly target: string;
  /** Valid by the fault's own schema. */
  readonly parameters: object;
  readonly rng: Rng;
}

/** Where the faults of a run are made: what all of them reach and share, whoever begins them. */
export class FaultBench {
  readonly #context: Omit<FaultContext, 'name' | 'rng'>;

  constructor({ runId, infra, driver, clock, jobs, events, folder }: FaultBenchOptions) {
    const undoLog = new UndoLog({
      path: join(folder, undoFileName),
      owner: { pid: process.pid, started: processStart(process.pid) ?? '' },
      servicesEndWithLab: infra.provider === 'embedded',
    });
    this.#context = { infra, driver, clock, jobIds: () => jobs.map(({ name }) => `${runId}-${name}`), events: () => events, undoLog, holds: new Holds() };
  }

  async inject({ type, name, target, parameters, rng }: FaultToInject, signal: AbortSignal): Promise<InjectedFault> {
    const definition = findFault(type);
    if (definition === undefined) throw new Error(`there is no fault "${type}"`);
    return definition.inject({ ...this.#context, name, rng }, target, parameters, signal);
  }
}
