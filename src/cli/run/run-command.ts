import { join } from 'node:path';
import { Chalk } from 'chalk';
import { runEngine, type EngineOutcome } from '../../chaos/engine/run-engine.ts';
import { cacheFolder } from '../../infra/cache-folder.ts';
import type { InfraProvider } from '../../infra/provider.ts';
import type { JournalEvent } from '../../journal/events.ts';
import type { JournalWriter } from '../../journal/writer.ts';
import { applyEvent, newRunState } from '../../journal/run-state.ts';
import { asError } from '../../core/errors.ts';
import { plainRun, scenarioReport } from '../../reporters/scenario-report.ts';
import type { CommandHandler } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseInfra } from '../infra-options.ts';
import { hangingLine } from '../layout/hanging-line.ts';
import { openLiveScreen, type LiveScreen } from '../screen/live-screen.ts';
import { screenTerminal } from '../screen/wants-screen.ts';
import { whyNotBreak } from './break-guard.ts';
import { cleanUpFirst } from './clean-up-first.ts';
import { prepareFleetContainers, type FleetContainers } from './fleet-containers.ts';
import { fleetCommands, newToken, supervisorHost } from './host-commands.ts';
import { explainFailure, openJournal, provenance } from './journaled-run.ts';
import { checkModel, modelKey } from './model-check.ts';
import { killHostsAtExit } from './orphans.ts';
import { planRun, type RunPlan } from './plan.ts';
import { progressLine, timeWidth } from './progress.ts';
import { handleReport } from './report-files.ts';
import { shownPage, writeReportPage } from './report-page.ts';
import { makeRunFolder, runsFolder, unwritable, writeSummary } from './run-folder.ts';
import { summarize } from './summary.ts';
import { summaryTable } from './summary-table.ts';

const defaultConcurrency = 8;
const fleetReadyTimeoutMs = 90_000;

export const run: CommandHandler = async (input, context) => {
  const plan = await planRun(input, context);
  const { options, folder, dataset, targets } = plan;
  const provider = await chooseInfra(options, targets, context);
  if (options.llmUrl !== undefined) await checkModel(options.llmUrl, options.llmModel as string, context);
  const containers = await prepareFleetContainers(options.fleet, context);
  await cleanUpFirst(context, options.quiet);
  await makeRunFolder(folder);
  using journal = openJournal(folder, plan.runId, context);
  using orphans = killHostsAtExit();
  journal.onEvent((event) => orphans.watch(event));
  const diskTrouble = new AbortController();
  journal.onFailure((error) => diskTrouble.abort(unwritable(folder.shown, error)));
  const state = newRunState();
  const events: JournalEvent[] = [];
  const progress = options.json ? context.stderr : context.stdout;
  const paint = new Chalk({ level: context.colour && !options.json ? 1 : 0 });
  const terminal = screenTerminal(context, input.options);
  const screen = terminal === undefined ? undefined : await openLiveScreen(terminal, context, { labels: [''], finishesFirst: true });
  journal.onEvent((event) => {
    applyEvent(state, event);
    events.push(event);
    const onScreen = screen?.onEvent('', event) === true;
    const line = options.quiet || onScreen ? undefined : progressLine(event, paint);
    if (line !== undefined) progress.write(`${hangingLine(line, timeWidth, options.json ? undefined : context.columns)}\n`);
  });
  tellBeginning(journal, plan, provider, context);
  // Whatever happens from here on, even kill -9, there is a summary that says what it can.
  await writeSummary(folder, summarize(state, [], dataset.report, folder.shown, 'the run was not finished'));
  let outcome: EngineOutcome | undefined;
  let failure: Error | undefined;
  try {
    outcome = await start(plan, provider, containers, journal, screen, { ...context, signal: AbortSignal.any([context.signal, diskTrouble.signal]) });
    diskTrouble.signal.throwIfAborted();
  } catch (error) {
    failure = explainFailure(error, folder);
  }
  await screen?.close();
  const problem = failure?.message ?? (outcome?.interrupted === true ? asError(context.signal.reason).message : undefined);
  const summary = summarize(state, outcome?.checks ?? [], dataset.report, folder.shown, problem);
  await writeSummary(folder, summary)
    .then(() => writeReportPage(context.cwd, { report: scenarioReport({ ...plainRun, events, checks: outcome?.checks ?? [], verdict: summary.verdict, runDir: folder.shown, ...(problem === undefined ? {} : { problem }) }), events }))
    .catch((error: unknown) => {
      failure ??= asError(error);
    });
  if (options.json) context.stdout.write(`${JSON.stringify(summary)}\n`);
  else if (failure === undefined) context.stdout.write(`\n${summaryTable(summary, folder.shown, { paint, columns: context.columns })}report  ${shownPage(folder.shown)}\n`);
  if (failure !== undefined) throw failure;
  return outcome?.interrupted === true ? exitCodes.interrupted : exitCodes[summary.verdict];
};

function tellBeginning(journal: JournalWriter, { options, dataset, jobs }: RunPlan, provider: InfraProvider, context: CommandContext): void {
  journal.append({
    type: 'run.started',
    command: 'run',
    seed: options.seed,
    provider: provider.name,
    control: options.control,
    ...provenance(context, dataset.version),
    jobs: jobs.length,
  });
  for (const { table, file, rows_read, rows_used, rows_rejected, duplicates } of dataset.report) {
    journal.append({ type: 'data.read', table, file, rows_read, rows_used, rows_rejected, duplicates });
  }
}

async function start(plan: RunPlan, provider: InfraProvider, containers: FleetContainers | undefined, journal: JournalWriter, screen: LiveScreen | undefined, context: CommandContext): Promise<EngineOutcome> {
  const { options, folder, runId, jobs } = plan;
  const concurrency = options.concurrency ?? Math.min(jobs.length, defaultConcurrency);
  const apiKey = modelKey(context.environment);
  return runEngine({
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
          containers,
          folder,
          environment: context.environment,
        },
        infra,
        token,
      ),
    supervisorHost,
    token: newToken(),
    // Where the next command looks for what a lab that was killed has left broken.
    folder: join(context.cwd, runsFolder, runId),
    whyNotBreak: (service, infra) => whyNotBreak(service, infra, plan.targets, plan.allowHosts, context.signal),
    workload: { jobs, concurrency, everyMs: options.everyMs, jobTimeoutMs: options.jobTimeoutMs },
    ...(screen === undefined ? {} : { onControls: (controls) => screen.onControls('', controls) }),
    handleReport: (job, view) => handleReport(job, view, folder),
    fleetReadyTimeoutMs,
    shutdownGraceMs: { normal: 10_000, interrupted: 1_500 },
    signal: context.signal,
  });
}
