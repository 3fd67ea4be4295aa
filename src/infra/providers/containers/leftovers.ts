import { asError } from '../../../core/errors.ts';
import type { Engine } from './engine/engine.ts';
import { ownerState, productLabel, runLabel } from './labels.ts';

export interface Leftover {
  readonly kind: 'container' | 'network';
  readonly id: string;
  readonly name: string;
  readonly runId: string;
  readonly state: 'kept' | 'orphaned';
}

/** Containers and networks whose lab is no longer at work, containers first: a network can be removed only when it is empty. */
export async function findLeftovers(engine: Engine, signal: AbortSignal): Promise<Leftover[]> {
  const [containers, networks] = await Promise.all([engine.containers(productLabel, signal), engine.networks(productLabel, signal)]);
  const all = [
    ...containers.map(({ Id, Names, Labels }) => ({ kind: 'container' as const, id: Id, name: (Names[0] ?? Id).replace(/^\//, ''), labels: Labels })),
    ...networks.map(({ Id, Name, Labels }) => ({ kind: 'network' as const, id: Id, name: Name, labels: Labels ?? {} })),
  ];
  return all.flatMap(({ labels, ...entry }) => {
    const state = ownerState(labels);
    return state === 'owned' ? [] : [{ ...entry, runId: labels[runLabel] ?? '', state }];
  });
}

/** Removes what labs that died have left, for which no reaper was there. Never throws for what cannot be removed: `problems` says it, in sentences. */
export async function sweep(engine: Engine, signal: AbortSignal): Promise<{ readonly removed: readonly Leftover[]; readonly problems: readonly string[] }> {
  const orphaned = (await findLeftovers(engine, signal)).filter(({ state }) => state === 'orphaned');
  const removed: Leftover[] = [];
  const problems: string[] = [];
  const removeAll = async (kind: Leftover['kind'], remove: (id: string) => Promise<void>): Promise<void> => {
    const ofKind = orphaned.filter((leftover) => leftover.kind === kind);
    await Promise.all(
      ofKind.map(async (leftover) => {
        try {
          await remove(leftover.id);
          removed.push(leftover);
        } catch (error) {
          signal.throwIfAborted();
          problems.push(`${kind} ${leftover.name}, left by a lab that died, cannot be removed: ${asError(error).message}`);
        }
      }),
    );
  };
  await removeAll('container', (id) => engine.removeContainer(id, signal));
  await removeAll('network', (id) => engine.removeNetwork(id, signal));
  return { removed, problems };
}
