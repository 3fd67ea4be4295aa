import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Rng } from '../../../core/rng.ts';
import { scanKeys } from './direct-redis.ts';

/**
 * Which checkpoints a fault is about. Requirements, C02: `report_checkpoint:{<user>:<run>}:<section>`, with
 * `:blob:<version>` behind it for the content of a large one, and `report_checkpoint:progress:{<user>:<run>}`.
 */
export const checkpointChoice = {
  job: z.int().min(1).optional().describe('Which job, from 1; default: drawn from those that have a checkpoint'),
  section: z.string().min(1).optional().describe('Which section; default: one drawn, see also "all"'),
  all: z.boolean().default(false).describe('All sections of the job'),
};

export interface CheckpointChoice {
  readonly job?: number | undefined;
  readonly section?: string | undefined;
  readonly all: boolean;
}

export interface SectionKey {
  readonly jobId: string;
  readonly section: string;
  /** Where the content is: the section's own key, or its blob. */
  readonly key: string;
}

/** Throws a sentence where there is no such checkpoint: a fault that finds nothing to break has to say so. */
export async function chooseCheckpoints(redis: Redis, jobIds: readonly string[], choice: CheckpointChoice, rng: Rng): Promise<SectionKey[]> {
  const wantedJob = choice.job === undefined ? undefined : jobIds[choice.job - 1];
  if (choice.job !== undefined && wantedJob === undefined) throw new Error(`there is no job ${choice.job}; there are ${jobIds.length}`);
  const found = (await sectionKeys(redis)).filter(({ jobId, section }) => (wantedJob === undefined ? jobIds.includes(jobId) : jobId === wantedJob) && (choice.section === undefined || section === choice.section));
  if (found.length === 0) throw new Error(`Redis holds no checkpoint of ${wantedJob ?? 'any job'}${choice.section === undefined ? '' : `, section ${choice.section}`}; begin the fault after checkpoint.saved`);
  // In the order of the jobs, so that draws do not depend on the order in which Redis lists keys.
  const jobs = jobIds.filter((jobId) => found.some((each) => each.jobId === jobId));
  const job = rng.pick(jobs);
  const ofJob = found.filter(({ jobId }) => jobId === job).toSorted((left, right) => (left.key < right.key ? -1 : 1));
  return choice.all ? ofJob : [rng.pick(ofJob)];
}

async function sectionKeys(redis: Redis): Promise<SectionKey[]> {
  const parsed = (await scanKeys(redis, 'report_checkpoint:{*')).flatMap((key) => {
    const [, run, section, blob] = /^report_checkpoint:\{[^}]*:([^:}]+)\}:([^:]+)(:blob:.+)?$/.exec(key) ?? [];
    return run === undefined || section === undefined ? [] : [{ jobId: decodeURIComponent(run), section, key, isBlob: blob !== undefined }];
  });
  // A large section's own key only points at its content.
  return parsed.filter((each) => each.isBlob || !parsed.some((other) => other.isBlob && other.jobId === each.jobId && other.section === each.section));
}
