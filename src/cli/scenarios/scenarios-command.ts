import { expectations } from '../../chaos/checks/expectations/index.ts';
import { invariants } from '../../chaos/checks/invariants/index.ts';
import { faults } from '../../chaos/faults/index.ts';
import { Problems } from '../../core/problems.ts';
import { oneLine } from '../../reporters/visible-text.ts';
import type { CommandHandler } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../error-codes.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { textTable } from '../layout/text-table.ts';
import { readTags } from '../chaos/chaos-options.ts';
import { findScenarios, knownScenarios, readScenarios, withTags } from '../chaos/find-scenarios.ts';

export const run: CommandHandler = async (input, context) => {
  const problems = new Problems();
  problems.list.push(...input.problems);
  const { options } = input;
  const [action, ...paths] = input.positionals.filter((word) => !word.startsWith('-'));
  if (action !== undefined && action !== 'validate') problems.add(action, 'is nothing that `scenarios` does', 'leave it out, or write `scenarios validate`');
  const list = options.faults === true ? faultRows() : options.checks === true ? checkRows() : undefined;
  if (list !== undefined && (action !== undefined || (options.faults === true && options.checks === true))) problems.add(options.faults === true ? '--faults' : '--checks', 'does not go with anything else', 'ask for one thing at a time');
  const tags = readTags(options, problems);
  if (problems.any) throw new UsageError(problems.list);
  const json = options.json === true;
  if (list !== undefined) return print(list.kind, list.rows, json, context);

  const files = paths.length > 0 ? await findScenarios(paths, context.cwd, problems) : await knownScenarios(context.cwd);
  const read = await readScenarios(files, problems);
  if (action === 'validate') {
    if (problems.any) throw new UsageError(problems.list);
    context.stdout.write(json ? `${JSON.stringify({ v: 1, valid: read.map(({ source }) => source.path) })}\n` : `${read.length} scenario${read.length === 1 ? ' is' : 's are'} valid\n`);
    return exitCodes.pass;
  }
  const rows = withTags(read, tags, problems).map(({ name, tags: own, description, source }) => ({ name, tags: own.join(', '), description: oneLine(description), file: source.path }));
  // A scenario that cannot be read must not be left out without a word.
  if (problems.any) throw new UsageError(problems.list);
  if (rows.length === 0 && !json) {
    context.stdout.write('No scenarios here; write one into ./scenarios (`netra-resilience schema` tells what goes into it).\n');
    return exitCodes.pass;
  }
  return print('scenarios', rows, json, context);
};

type Rows = readonly Readonly<Record<string, string>>[];

function faultRows(): { kind: string; rows: Rows } {
  return { kind: 'faults', rows: faults.map(({ type, family, targets, summary }) => ({ type, family, targets: targets.join(', '), summary })) };
}

function checkRows(): { kind: string; rows: Rows } {
  return {
    kind: 'checks',
    rows: [...invariants.map(({ name, summary }) => ({ name, judged: 'always', summary })), ...expectations.map(({ name, summary }) => ({ name, judged: 'on request', summary }))],
  };
}

/** The text that is wrapped is the description, or the summary at the end. */
function print(kind: string, rows: Rows, json: boolean, context: CommandContext): ExitCode {
  const head = Object.keys(rows[0] ?? {}).filter((key) => key !== 'file');
  if (json) context.stdout.write(`${JSON.stringify({ v: 1, [kind]: rows })}\n`);
  else context.stdout.write(`${textTable({ head, rows: rows.map((row) => head.map((key) => row[key] ?? '')), wrapped: head.length - 1, columns: context.columns })}\n`);
  return exitCodes.pass;
}
