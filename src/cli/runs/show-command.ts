import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, relative, resolve } from 'node:path';
import { Chalk } from 'chalk';
import { nearest } from '../../core/problems.ts';
import type { CommandHandler } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../error-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { runsFolder } from '../run/run-folder.ts';
import { summaryTable } from '../run/summary-table.ts';
import { listRuns, readRun, type ListedRun } from './run-list.ts';
import { readableMarkdown } from './readable-markdown.ts';

export const run: CommandHandler = async (input, context) => {
  const [wanted = '', job] = input.positionals;
  const found = await findRun(wanted, context);
  const paint = new Chalk({ level: context.colour ? 1 : 0 });
  const shown = relative(context.cwd, found.path) || '.';
  if (job !== undefined) {
    context.stdout.write(readableMarkdown(await readReport(found, job), paint));
    return exitCodes.pass;
  }
  if (found.summary === undefined) {
    context.stdout.write(`run ${found.runId} did not get to its end; ${join(shown, 'journal.ndjson')} tells how far it came, ${join(shown, 'logs')} holds the logs of its hosts.\n`);
    return exitCodes.pass;
  }
  context.stdout.write(`run ${found.runId}  seed ${found.summary.seed}  ${found.summary.provider} services\n${summaryTable(found.summary, shown, paint)}`);
  return exitCodes.pass;
};

/** By name, by the start of a name, `latest`, or the path of a run folder. */
async function findRun(wanted: string, context: CommandContext): Promise<ListedRun> {
  const runs = await listRuns(context.cwd);
  const newest = runs[0];
  if (wanted === 'latest' && newest !== undefined) return newest;
  const exact = runs.find((entry) => entry.runId === wanted);
  if (exact !== undefined) return exact;
  const starting = runs.filter((entry) => wanted !== '' && entry.runId.startsWith(wanted));
  if (starting.length === 1 && starting[0] !== undefined) return starting[0];
  const path = resolve(context.cwd, wanted);
  if ((await readdir(path).catch((): string[] => [])).includes('journal.ndjson')) return readRun(path, basename(path));
  const near = nearest(wanted, runs.map((entry) => entry.runId));
  const fix = runs.length === 0 ? '`netra-resilience run` makes one' : near === undefined ? '`netra-resilience runs` lists them' : `did you mean ${near}?`;
  throw new UsageError([{ where: wanted, what: starting.length > 1 ? `is the beginning of ${starting.length} runs` : `there is no such run in ${runsFolder}`, fix }]);
}

async function readReport(found: ListedRun, job: string): Promise<string> {
  const folder = join(found.path, 'reports');
  const names = (await readdir(folder).catch(() => [])).filter((name) => extname(name) === '.md').map((name) => basename(name, '.md'));
  const name = names.find((known) => known === job || `${found.runId}-${known}` === job);
  if (name === undefined) {
    const near = nearest(job, names);
    throw new UsageError([{ where: job, what: `run ${found.runId} has no report of that name`, fix: near === undefined ? `it has ${names.join(', ') || 'none'}` : `did you mean ${near}?` }]);
  }
  return readFile(join(folder, `${name}.md`), 'utf8');
}
