import { resolve } from 'node:path';
import type { Scenario } from '../../chaos/scenario/scenario.ts';
import { Problems } from '../../core/problems.ts';
import type { Dataset } from '../../fleet/data/dataset.ts';
import { readDataset } from '../../fleet/data/read-dataset.ts';
import type { ExternalTargets } from '../../infra/providers/external/targets.ts';
import type { CommandInput } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../error-codes.ts';
import { checkHosts, readAllowedHosts, readTargets } from '../infra-options.ts';
import { bundledData } from '../run/plan.ts';
import { readChaosOptions, type ChaosOptions } from './chaos-options.ts';
import { findScenarios, knownScenarios, readScenarios, withTags } from './find-scenarios.ts';
import { planReports, type ReportPlan } from './write-reports.ts';

/** Scenarios that nothing is wrong with; nothing of them is started or written yet. */
export interface ChaosPlan {
  readonly options: ChaosOptions;
  readonly scenarios: readonly Scenario[];
  readonly reports: ReportPlan;
  /** Of `--infra external`. */
  readonly targets: ExternalTargets | undefined;
}

/** Looks at the words, the flags and the scenario files; throws UsageError with all that is wrong with any of them. */
export async function planChaos(input: CommandInput, context: CommandContext): Promise<ChaosPlan> {
  const problems = new Problems();
  problems.list.push(...input.problems);
  const options = readChaosOptions(input, problems);
  const reports = planReports(input, context, problems);
  if (options.dryRun && reports.reporters.length > 0) problems.add(input.options.reporter === undefined ? '--out' : '--reporter', 'has nothing to report under --dry-run', 'leave one of them out');
  const everything = options.all || (options.wanted.length === 0 && options.tags.length > 0);
  const files = everything ? await knownScenarios(context.cwd) : await findScenarios(options.wanted, context.cwd, problems);
  if (everything && files.length === 0) problems.add(options.all ? '--all' : '--tag', 'finds no scenario', `write one into ${resolve(context.cwd, 'scenarios')}`);
  const read = await readScenarios(files, problems);
  // A tag may be missing only because the file that has it cannot be read.
  const scenarios = problems.any ? read : withTags(read, options.tags, problems);
  const allowed = [...readAllowedHosts(input, context.environment, problems), ...allowedByAll(scenarios)];
  const targets = readTargets(input, options, context.environment, allowed, problems);
  if (targets !== undefined) await checkHosts(targets, context.signal, problems);
  if (problems.any) throw new UsageError(problems.list);
  return { options, scenarios, reports, targets };
}

/** They share their services: a host may be broken where every one of them says so. */
function allowedByAll(scenarios: readonly Scenario[]): string[] {
  return (scenarios[0]?.infra.allowHosts ?? []).filter((host) => scenarios.every(({ infra }) => infra.allowHosts.includes(host)));
}

/** What the fleet reports on: scenarios need no data of the user's own. */
export async function readBundledData({ signal }: CommandContext): Promise<Dataset> {
  const problems = new Problems();
  const dataset = await readDataset(bundledData, problems, signal);
  if (problems.any || dataset === undefined) throw new UsageError(problems.list);
  return dataset;
}
