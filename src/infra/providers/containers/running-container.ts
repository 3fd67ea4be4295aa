import type { StartedTestContainer } from 'testcontainers';
import type { Clock } from '../../../core/clock.ts';
import { InfraUnavailable } from '../../error-codes.ts';
import type { Endpoint, InfraComponent, UnexpectedExit } from '../../provider.ts';
import type { Engine } from './engine/engine.ts';
import { engineFailure } from './engine/failures.ts';
import type { ContainerSpec } from './lab-container.ts';

const LOG_LINES = 10;

/** Ryuk is nothing that the fleet knows of. */
export type ContainerRole = InfraComponent | 'reaper';

export interface BringUpOptions {
  readonly service: ContainerRole;
  readonly spec: ContainerSpec;
  readonly engine: Engine;
  readonly clock: Clock;
  /** Ends the watch for the container's exit. */
  readonly signal: AbortSignal;
  /** Told of the container before it is started. */
  readonly onCreated: (id: string) => void;
  /** Given a promise that is settled once the engine makes nothing more for this container, even where its start was given up before. */
  readonly onSettled: (settled: Promise<unknown>) => void;
}

/** A container that has been started, its ports known; not necessarily one that answers. */
export class RunningContainer {
  readonly started: StartedTestContainer;
  readonly name: string;
  readonly createMs: number;
  readonly startMs: number;
  /** Never rejects: with what is known of it once the container has ended. Pending for ever once the watch is over. */
  readonly exited: Promise<Omit<UnexpectedExit, 'services'>>;
  readonly #failure: Promise<never>;

  private constructor(started: StartedTestContainer, name: string, times: { createMs: number; startMs: number }, exited: RunningContainer['exited'], failure: Promise<never>) {
    this.started = started;
    this.name = name;
    this.createMs = times.createMs;
    this.startMs = times.startMs;
    this.exited = exited;
    this.#failure = failure;
  }

  /** Throws InfraUnavailable: what the engine says, or that the container ended and its last words. */
  static async bringUp({ service, spec, engine, clock, signal, onCreated, onSettled }: BringUpOptions): Promise<RunningContainer> {
    const { startContainer } = await import('./lab-container.ts');
    const beginMs = clock.monotonicMs();
    let createdMs = beginMs;
    const exited = Promise.withResolvers<Omit<UnexpectedExit, 'services'>>();
    const failure = exited.promise.then((exit) => {
      throw new InfraUnavailable(`The container of ${service} (${spec.image}) ${howItEnded(exit)} while it was being started.${exit.stderrTail === '' ? ' It wrote nothing.' : ` Its last lines:\n${exit.stderrTail}`}`);
    });
    failure.catch(() => undefined); // Whoever starts it is told.
    const starting = startContainer(spec, async (id) => {
      onCreated(id);
      signal.throwIfAborted();
      const { exit } = await engine.watchExit(id, signal);
      createdMs = clock.monotonicMs();
      void tellExit(exit, id, spec.name, engine, signal, exited.resolve);
    });
    onSettled(starting);
    try {
      const started = await Promise.race([starting, failure]);
      return new RunningContainer(started, spec.name, { createMs: createdMs - beginMs, startMs: clock.monotonicMs() - createdMs }, exited.promise, failure);
    } catch (error) {
      starting.catch(() => undefined); // It is told of the exit already.
      throw engineFailure(error, `The container of ${service} (${spec.image}) cannot be started`, engine.address);
    }
  }

  /** Where a port is published. */
  endpoint(port: number): Endpoint {
    return { host: '127.0.0.1', port: this.started.getMappedPort(port) };
  }

  /** Settles as `work` does, or rejects as soon as the container has ended. */
  whileRunning<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failure]);
  }
}

async function tellExit(exit: Promise<number>, id: string, name: string, engine: Engine, signal: AbortSignal, tell: (exit: Omit<UnexpectedExit, 'services'>) => void): Promise<void> {
  let exitCode: number | null = null;
  let stderrTail: string;
  try {
    exitCode = await exit;
    stderrTail = await engine.logTail(id, LOG_LINES, signal).catch(() => ''); // It may have been removed as well: then there is no log.
  } catch {
    stderrTail = 'the container engine closed the connection by which the container was watched';
  }
  if (!signal.aborted) tell({ pid: null, container: name, exitCode, signal: null, stderrTail });
}

function howItEnded({ exitCode }: Omit<UnexpectedExit, 'services'>): string {
  return exitCode === null ? 'was lost sight of' : `ended with exit code ${exitCode}`;
}
