import { raceAbort } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import { newCorrelationId } from '../../../core/ids.ts';
import type { InfraEvent } from '../../provider.ts';
import type { ExitList } from '../exit-list.ts';
import type { Engine } from './engine/engine.ts';
import type { ContainerSpec } from './lab-container.ts';
import { ownLabels, removeCommand, startLabel } from './labels.ts';
import { RunningContainer, type ContainerRole } from './running-container.ts';
import { withTimeLimit } from './time-limit.ts';

const ANSWER_WITHIN_MS = 15_000;

export interface ResourcesOptions {
  readonly engine: Engine;
  readonly runId: string;
  readonly keep: boolean;
  readonly clock: Clock;
  readonly exits: ExitList;
  readonly onEvent: (event: InfraEvent) => void;
}

/** What a lab has made at the engine, from the moment that it is asked for: the network, and the containers on it. */
export class LabResources {
  readonly startId = newCorrelationId();
  readonly networkName: string;
  readonly #options: ResourcesOptions;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #watch = new AbortController();
  readonly #containers = new Set<string>();
  readonly #underWay: Promise<unknown>[] = [];
  #networkId: string | undefined;

  constructor(options: ResourcesOptions) {
    this.#options = options;
    this.#labels = ownLabels({ runId: options.runId, startId: this.startId, keep: options.keep });
    this.networkName = `netra-${options.runId}-${this.startId.slice(0, 8)}`;
  }

  /** Resolves with the address of the engine's machine in the network, where there is one. */
  async createNetwork(signal: AbortSignal): Promise<string | undefined> {
    const { engine, clock } = this.#options;
    signal.throwIfAborted();
    // The start's signal does not end the request: the engine might carry it out all the same, and nobody would know the network.
    const creating = withTimeLimit(clock, ANSWER_WITHIN_MS, new AbortController().signal, late, async (within) => {
      const { id, gateway } = await engine.createNetwork(this.networkName, this.#labels, within);
      this.#networkId = id;
      return gateway;
    });
    this.#underWay.push(creating);
    return raceAbort(creating, signal);
  }

  /** A container on the network, under its role's name. Throws InfraUnavailable. */
  start(role: ContainerRole, spec: Omit<ContainerSpec, 'name' | 'network' | 'alias' | 'labels'>): Promise<RunningContainer> {
    return this.#bringUp(role, { ...spec, name: `${this.networkName}-${role}`, network: this.networkName, alias: role, labels: this.#labels });
  }

  /** Beside the network, and not to be removed by a reaper: the reaper itself. */
  startReaper(spec: Omit<ContainerSpec, 'name' | 'network' | 'alias' | 'labels'>): Promise<RunningContainer> {
    const { [startLabel]: _, ...labels } = this.#labels;
    return this.#bringUp('reaper', { ...spec, name: `${this.networkName}-reaper`, network: 'bridge', labels });
  }

  /** Exits are wanted from here on. */
  endWatch(): void {
    this.#watch.abort(new Error('the lab has ended'));
  }

  /** Never throws: what cannot be removed is told, with the command that does it by hand. */
  async remove(): Promise<void> {
    const { engine, clock, runId, onEvent } = this.#options;
    try {
      await withTimeLimit(clock, ANSWER_WITHIN_MS, new AbortController().signal, late, async (within) => {
        const removeContainers = (): Promise<unknown> => Promise.all([...this.#containers].map(async (id) => (await engine.removeContainer(id, within), this.#containers.delete(id))));
        await removeContainers();
        // What was just being made when the start was ended exists once its making is over.
        await Promise.allSettled(this.#underWay);
        await removeContainers();
        if (this.#networkId !== undefined) await engine.removeNetwork(this.#networkId, within);
      });
    } catch (error) {
      onEvent({ type: 'infra.warning', service: 'engine', message: `what was started cannot be removed: ${asError(error).message}; the next start tries again. By hand: ${removeCommand(runId)}` });
    }
  }

  #bringUp(role: ContainerRole, spec: ContainerSpec): Promise<RunningContainer> {
    const { engine, clock, exits } = this.#options;
    const starting = RunningContainer.bringUp({ service: role, spec, engine, clock, signal: this.#watch.signal, onCreated: (id) => void this.#containers.add(id), onSettled: (settled) => void this.#underWay.push(settled) });
    starting.then(
      async (container) => {
        const exit = await container.exited;
        if (role !== 'reaper') exits.add({ services: [role], ...exit });
      },
      () => undefined, // Whoever waits for it is told.
    );
    return starting;
  }
}

function late(): Error {
  return new Error(`the engine did not do it within ${ANSWER_WITHIN_MS / 1_000} s`);
}
