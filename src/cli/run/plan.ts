import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobSpec } from '../../chaos/engine/workload.ts';
import { newRunId } from '../../core/ids.ts';
import { Problems } from '../../core/problems.ts';
import type { ExternalTargets } from '../../infra/providers/external/targets.ts';
import type { Dataset } from '../../fleet/data/dataset.ts';
import { readDataset } from '../../fleet/data/read-dataset.ts';
import type { CommandInput } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../error-codes.ts';
import { readAllowedHosts, readTargets } from '../infra-options.ts';
import { choosePeriod } from './default-period.ts';
import { checkEnvironment } from './environment-check.ts';
import { seededJobs } from './job-list.ts';
import { readJobsFile } from './jobs-file.ts';
import { planRunFolder, type RunFolder } from './run-folder.ts';
import { readRunOptions, type RunOptions } from './run-options.ts';

export const bundledData = fileURLToPath(new URL('../../../fixtures/business', import.meta.url));
const defaultJobs = 4;

/** A run that nothing is wrong with; nothing of it is started or written yet. */
export interface RunPlan {
  readonly runId: string;
  readonly options: RunOptions;
  readonly dataDir: string;
  readonly dataset: Dataset;
  readonly jobs: readonly JobSpec[];
  readonly folder: RunFolder;
  /** Of `--infra external`. */
  readonly targets: ExternalTargets | undefined;
  /** Hosts beyond this machine that may be broken by hand. */
  readonly allowHosts: readonly string[];
}

/** Looks at the words, the flags, the data, the jobs file and the run folder; throws UsageError with all that is wrong with any of them. */
export async function planRun(input: CommandInput, context: CommandContext): Promise<RunPlan> {
  const problems = new Problems();
  problems.list.push(...input.problems);
  checkEnvironment(context.environment, problems);
  const options = readRunOptions(input, problems);
  // Nothing is planned to be broken: a run goes wherever it is told, and what is broken by hand is looked at by then.
  const targets = readTargets(input, options, context.environment, undefined, problems);
  const allowHosts = readAllowedHosts(input, context.environment, problems);
  const runId = newRunId(context.clock);
  const folder = await planRunFolder(context.cwd, options.out, runId, problems);
  const dataDir = options.data === undefined ? bundledData : resolve(context.cwd, options.data);
  const dataset = await readData(dataDir, options.data, problems, context.signal);
  const period = choosePeriod(dataset, options.from, options.to, problems);
  const jobs =
    options.jobsFile === undefined
      ? seededJobs(options.jobs ?? defaultJobs, options.seed, options.question, period)
      : await readJobsFile(resolve(context.cwd, options.jobsFile), options.jobsFile, period, problems, context.signal);
  context.signal.throwIfAborted();
  if (problems.any || dataset === undefined) throw new UsageError(problems.list);
  return { runId, options, dataDir, dataset, jobs, folder, targets, allowHosts };
}

/** Places are shown as the folder was typed. */
async function readData(dataDir: string, typed: string | undefined, problems: Problems, signal: AbortSignal): Promise<Dataset | undefined> {
  const found = new Problems();
  const dataset = await readDataset(dataDir, found, signal);
  const shown = (text: string): string => (typed === undefined ? text : text.replaceAll(dataDir, typed));
  for (const { where, what, fix } of found.list) problems.add(shown(where), shown(what), shown(fix));
  return dataset;
}
