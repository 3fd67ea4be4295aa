import { cpus, freemem } from 'node:os';
import { Chalk } from 'chalk';
import { defaultParallel } from '../../chaos/engine/run-scenarios.ts';
import { jsonText } from '../../reporters/json.ts';
import type { CommandHandler } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeFailure } from '../failure.ts';
import { chooseInfra } from '../infra-options.ts';
import { cleanUpFirst } from '../run/clean-up-first.ts';
import { prepareFleetContainers } from '../run/fleet-containers.ts';
import { checkModel, modelKey } from '../run/model-check.ts';
import { progressLine } from '../run/progress.ts';
import { openLiveScreen } from '../screen/live-screen.ts';
import { screenTerminal } from '../screen/wants-screen.ts';
import { shownPage } from '../run/report-page.ts';
import { dryRunText, infraText, planDryRun } from './dry-run.ts';
import { worstExitCode } from './exit-code.ts';
import { planChaos, readBundledData, type ChaosPlan } from './plan.ts';
import { chaosReport } from './report-of-run.ts';
import { runAll, runLabels } from './run-all.ts';
import { overviewText, scenarioText } from './verdict-text.ts';
import { makeReportFolder, writeReports } from './write-reports.ts';

export const run: CommandHandler = async (input, context) => {
  const plan = await planChaos(input, context);
  const { options, scenarios, targets } = plan;
  if (options.dryRun) return dryRun(plan, context);
  const provider = await chooseInfra(options, targets, context);
  if (options.llmUrl !== undefined) await checkModel(options.llmUrl, options.llmModel as string, context);
  const containers = await prepareFleetContainers(options.fleet, context);
  await makeReportFolder(plan.reports);
  const progress = options.json ? context.stderr : context.stdout;
  const paint = new Chalk({ level: context.colour && !options.json ? 1 : 0 });
  const look = { paint, columns: context.columns };
  await cleanUpFirst(context, options.quiet);
  const what = { scenarios, repeat: options.repeat, seed: options.seed, control: options.control };
  const dataset = await readBundledData(context);
  const terminal = screenTerminal(context, input.options);
  const screen = terminal === undefined ? undefined : await openLiveScreen(terminal, context, { labels: runLabels(what) });
  /** Told once the screen is gone. */
  const texts: string[] = [];
  const finished = await runAll(
    {
      ...what,
      parallel: options.parallel ?? defaultParallel(provider.name, { cores: cpus().length, freeMemoryMb: freemem() / 2 ** 20 }),
      provider,
      containers,
      ...(options.llmUrl === undefined ? {} : { llm: ownModel(options.llmUrl, options.llmModel as string, context) }),
      dataset,
      onEvent: (label, event) => {
        const onScreen = screen?.onEvent(label, event) === true;
        const line = options.quiet || onScreen ? undefined : progressLine(event, paint);
        if (line !== undefined) progress.write(`${label === '' ? '' : paint.dim(`[${label}] `)}${line}\n`);
      },
      ...(screen === undefined ? {} : { onControls: (label, controls) => screen.onControls(label, controls) }),
      onReport: (report) => {
        const text = `\n${scenarioText(report, look)}${report.run_dir === '' ? '' : `report  ${shownPage(report.run_dir)}\n`}\n`;
        if (screen !== undefined) texts.push(text);
        else if (!options.json) context.stdout.write(text);
      },
    },
    context,
  );
  await screen?.close();
  for (const text of texts) context.stdout.write(text);
  const report = chaosReport(finished.reports);
  const { log, files } = await writeReports(plan.reports, report);
  if (options.json) context.stdout.write(`${jsonText(report)}\n`);
  else {
    if (report.scenarios.length > 1) context.stdout.write(overviewText(report.scenarios, look));
    if (files.length > 0) context.stdout.write(paint.dim(`written: ${files.join(', ')}\n`));
  }
  progress.write(log);
  const failures = finished.errors.map((error) => describeFailure(error, { signal: context.signal, brokenOutput: undefined }));
  // The same cause keeps all of them from beginning, and is told once.
  for (const text of new Set(failures.map((failure) => failure.text))) context.stderr.write(text);
  return worstExitCode(report.verdict, [...failures.map(({ exitCode }) => exitCode), ...(context.signal.aborted ? [exitCodes.interrupted] : [])]);
};

function ownModel(url: string, model: string, { environment }: CommandContext): { url: string; model: string; apiKey?: string } {
  const apiKey = modelKey(environment);
  return { url, model, ...(apiKey === undefined ? {} : { apiKey }) };
}

function dryRun({ options, scenarios, targets }: ChaosPlan, context: CommandContext): 0 {
  const plans = scenarios.map((scenario) => planDryRun(scenario, options.seed ?? scenario.seed, infraText(options.infra, targets)));
  context.stdout.write(options.json ? `${JSON.stringify({ v: 1, dry_run: true, scenarios: plans })}\n` : plans.map(dryRunText).join('\n'));
  return exitCodes.pass;
}
