import { hostname } from 'node:os';
import { processStart } from '../../../core/process-identity.ts';

/** What everything of a lab is labelled with, so that it can be found and removed by whoever comes next. */
export const productLabel = 'netra-resilience';
export const runLabel = `${productLabel}.run`;
/** Of one start: what the reaper is told to remove when its owner is gone. */
export const startLabel = `${productLabel}.start`;
const machineLabel = `${productLabel}.owner.machine`;
const pidLabel = `${productLabel}.owner.pid`;
const startedLabel = `${productLabel}.owner.started`;
const keptLabel = `${productLabel}.kept`;

export interface Ownership {
  readonly runId: string;
  readonly startId: string;
  /** Stays up when the lab ends. */
  readonly keep: boolean;
}

export function ownLabels({ runId, startId, keep }: Ownership): Record<string, string> {
  return {
    [productLabel]: 'lab',
    [runLabel]: runId,
    [startLabel]: startId,
    [machineLabel]: hostname(),
    [pidLabel]: String(process.pid),
    [startedLabel]: processStart(process.pid) ?? '',
    ...(keep ? { [keptLabel]: 'true' } : {}),
  };
}

/** `owned`: its lab is at work, or on another machine that shares the engine · `kept`: by `--keep` · `orphaned`: its lab died. */
export function ownerState(labels: Readonly<Record<string, string>>): 'owned' | 'kept' | 'orphaned' {
  if (labels[keptLabel] === 'true') return 'kept';
  if (labels[machineLabel] !== hostname()) return 'owned';
  return processStart(Number(labels[pidLabel])) === labels[startedLabel] ? 'owned' : 'orphaned';
}

/** Removes what is kept of a run. */
export function removeCommand(runId: string): string {
  const filter = `--filter label=${runLabel}=${runId}`;
  return `docker rm -fv $(docker ps -aq ${filter}); docker network rm $(docker network ls -q ${filter})`;
}
