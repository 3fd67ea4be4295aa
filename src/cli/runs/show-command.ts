import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { Chalk } from 'chalk';
import { nearest } from '../../core/problems.ts';
import { servicesOf } from '../../journal/provider-words.ts';
import { refuseWrongWords, type CommandHandler } from '../command.ts';
import { UsageError } from '../error-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { hangingLine } from '../layout/hanging-line.ts';
import { summaryTable } from '../run/summary-table.ts';
import { findRun } from './find-run.ts';
import type { ListedRun } from './run-list.ts';
import { readableMarkdown } from './readable-markdown.ts';

export const run: CommandHandler = async (input, context) => {
  refuseWrongWords(input);
  const [wanted = '', job] = input.positionals;
  const found = await findRun(wanted, context.cwd);
  const { columns } = context;
  const paint = new Chalk({ level: context.colour ? 1 : 0 });
  const shown = relative(context.cwd, found.path) || '.';
  if (job !== undefined) {
    context.stdout.write(readableMarkdown(await readReport(found, job), { paint, columns }));
    return exitCodes.pass;
  }
  if (found.summary === undefined) {
    context.stdout.write(`run ${found.runId} cannot be read: ${join(shown, 'summary.json')} and ${join(shown, 'journal.ndjson')} are missing or damaged; ${join(shown, 'logs')} may hold the logs of its hosts.\n`);
    return exitCodes.pass;
  }
  const { runId, summary } = found;
  context.stdout.write(`run ${paint.bold(runId)}  seed ${summary.seed}  ${servicesOf(summary.provider)}\n\n${summaryTable(summary, shown, { paint, columns })}`);
  const first = (await reportNames(found))[0];
  if (first !== undefined) context.stdout.write(`${paint.dim(hangingLine(`\`netra-resilience show ${wanted} ${first}\` shows a report, ${join(shown, 'journal.ndjson')} tells everything that happened.`, 0, columns))}\n`);
  return exitCodes.pass;
};

async function readReport(found: ListedRun, job: string): Promise<string> {
  const names = await reportNames(found);
  const name = names.find((known) => known === job || `${found.runId}-${known}` === job);
  if (name === undefined) {
    const near = nearest(job, names);
    throw new UsageError([{ where: job, what: `run ${found.runId} has no report of that name`, fix: near === undefined ? `it has ${names.slice(0, 20).join(', ') || 'none'}${names.length > 20 ? ', …' : ''}` : `did you mean ${near}?` }]);
  }
  return readFile(join(found.path, 'reports', `${name}.md`), 'utf8');
}

/** In the order of the jobs; none where the run came to no report. */
async function reportNames({ path }: ListedRun): Promise<string[]> {
  const files = await readdir(join(path, 'reports')).catch((): string[] => []);
  return files
    .filter((file) => extname(file) === '.md')
    .map((file) => basename(file, '.md'))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
