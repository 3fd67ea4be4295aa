import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Chalk } from 'chalk';
import { runEngine, type EngineOutcome } from '../../chaos/engine/run-engine.ts';
import type { JobSpec } from '../../chaos/engine/workload.ts';
import { newRunId } from '../../core/ids.ts';
import { asError } from '../../core/errors.ts';
import { Problems } from '../../core/problems.ts';
import type { Dataset } from '../../fleet/data/dataset.ts';
import { readDataset } from '../../fleet/data/read-dataset.ts';
import { cacheFolder } from '../../infra/cache-folder.ts';
import { selectProvider } from '../../infra/providers/index.ts';
import { JournalWriter } from '../../journal/writer.ts';
import { applyEvent, newRunState } from '../../journal/run-state.ts';
import type { CommandHandler, CommandInput } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CliError, UsageError } from '../error-codes.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { defaultPeriod } from './default-period.ts';
import { fleetCommands, newToken, supervisorHost } from './host-commands.ts';
import { readJobsFile, seededJobs } from './job-list.ts';
import { checkModel, modelKey } from './model-check.ts';
import { progressLine } from './progress.ts';
import { handleReport } from './report-files.ts';
import { makeRunFolder, planRunFolder, unwritable, type RunFolder } from './run-folder.ts';
import { readRunOptions, type RunOptions } from './run-options.ts';
import { summarize, type RunSummary } from './summary.ts';
import { summaryTable } from './summary-table.ts';

const bundledData = fileURLToPath(new URL('../../../fixtures/business', import.meta.url));
const defaultJobs = 4;
const defaultConcurrency = 8;
const fleetReadyTimeoutMs = 90_000;

interface Plan {
  readonly runId: string;
  readonly options: RunOptions;
  readonly dataDir: string;
  readonly dataset: Dataset;
  readonly jobs: readonly JobSpec[];
  readonly folder: RunFolder;
}

export const run: CommandHandler = async (input, context) => {
  const plan = await validate(input, context);
  const { options, folder } = plan;
  const provider = selectProvider(options.infra);
  if (options.llmUrl !== undefined) await checkModel(options.llmUrl, context);
  await makeRunFolder(folder);
  using journal = openJournal(folder, plan.runId, context);
  const state = newRunState();
  const progress = options.json ? context.stderr : context.stdout;
  const paint = new Chalk({ level: context.colour && !options.json ? 1 : 0 });
  journal.onEvent((event) => {
    applyEvent(state, event);
    const line = options.quiet ? undefined : progressLine(event, paint);
    if (line !== undefined) progress.write(`${line}\n`);
  });
  journal.append({
    type: 'run.started',
    command: 'run',
    seed: options.seed,
    provider: provider.name,
    control: options.control,
    versions: { 'netra-resilience': context.version, node: process.versions.node, data: plan.dataset.version },
    machine: { platform: `${platform()} ${release()} ${arch()}`, cpus: cpus().length, memory_mb: Math.round(totalmem() / 2 ** 20) },
    jobs: plan.jobs.length,
  });
  for (const { table, file, rows_read, rows_used, rows_rejected, duplicates } of plan.dataset.report) {
    journal.append({ type: 'data.read', table, file, rows_read, rows_used, rows_rejected, duplicates });
  }
  const outcome = await start(plan, provider, journal, context);
  const summary = summarize(state, outcome.checks, plan.dataset.report, folder.shown);
  await writeFile(folder.summary, `${JSON.stringify(summary, null, 2)}\n`).catch((error: unknown) => {
    throw unwritable(folder.shown, error);
  });
  if (options.json) context.stdout.write(`${JSON.stringify(summary)}\n`);
  else context.stdout.write(`\n${summaryTable(summary, folder.shown, paint)}`);
  return exitCode(outcome, summary);
};

/** Looks at everything before anything is started or written; throws UsageError with all that is wrong. */
async function validate(input: CommandInput, context: CommandContext): Promise<Plan> {
  const problems = new Problems();
  const options = readRunOptions(input, problems);
  const runId = newRunId(context.clock);
  const folder = await planRunFolder(context.cwd, options.out, runId, problems);
  const dataDir = options.data === undefined ? bundledData : resolve(context.cwd, options.data);
  const dataset = await readDataset(dataDir, problems, context.signal);
  const period = defaultPeriod(dataset, options.from, options.to);
  const jobs =
    options.jobsFile === undefined
      ? seededJobs(options.jobs ?? defaultJobs, options.seed, options.question, period)
      : await readJobsFile(resolve(context.cwd, options.jobsFile), options.jobsFile, period, problems);
  if (problems.any || dataset === undefined) throw new UsageError(problems.list);
  return { runId, options, dataDir, dataset, jobs, folder };
}

function openJournal(folder: RunFolder, runId: string, context: CommandContext): JournalWriter {
  try {
    return new JournalWriter(folder.journal, runId, context.clock);
  } catch (error) {
    throw unwritable(folder.shown, error);
  }
}

async function start(plan: Plan, provider: ReturnType<typeof selectProvider>, journal: JournalWriter, context: CommandContext): Promise<EngineOutcome> {
  const { options, folder, runId, jobs } = plan;
  const concurrency = options.concurrency ?? Math.min(jobs.length, defaultConcurrency);
  const apiKey = modelKey(context.environment);
  try {
    return await runEngine({
      runId,
      clock: context.clock,
      journal,
      provider,
      infra: {
        seed: options.seed,
        logsDir: folder.logs,
        cacheDir: cacheFolder(context.environment),
        llm: {
          latencyMs: options.llmLatencyMs,
          tokensPerSecond: options.llmTokensPerSecond,
          ...(options.llmUrl === undefined ? {} : { url: options.llmUrl }),
          ...(options.llmModel === undefined ? {} : { model: options.llmModel }),
          ...(apiKey === undefined ? {} : { apiKey }),
        },
      },
      hosts: (infra, token) =>
        fleetCommands(
          {
            runId,
            seed: options.seed,
            reportingHosts: options.reportingHosts,
            concurrency,
            dataDir: options.data === undefined ? undefined : plan.dataDir,
            control: options.control,
            folder,
            environment: context.environment,
          },
          infra,
          token,
        ),
      supervisorHost,
      token: newToken(),
      workload: { jobs, concurrency, jobTimeoutMs: options.jobTimeoutMs },
      handleReport: (job, view) => handleReport(job, view, folder),
      fleetReadyTimeoutMs,
      shutdownGraceMs: { normal: 10_000, interrupted: 1_500 },
      signal: context.signal,
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EROFS' || code === 'EDQUOT') throw unwritable(folder.shown, error);
    if (error instanceof Error && /^(host|the fleet) /.test(error.message)) throw new CliError('FLEET_NOT_READY', asError(error).message, { cause: error });
    throw error;
  }
}

function exitCode(outcome: EngineOutcome, summary: RunSummary): ExitCode {
  return outcome.interrupted ? exitCodes.interrupted : exitCodes[summary.verdict];
}
