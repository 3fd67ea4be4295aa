import type { ChalkInstance } from 'chalk';
import type { ErrorGroup, RunErrors } from '../../journal/error-groups.ts';
import type { FaultTime } from '../../journal/fault-times.ts';
import { oneLine, seconds } from '../../reporters/visible-text.ts';
import { hangingLine } from '../layout/hanging-line.ts';
import { textTable } from '../layout/text-table.ts';
import type { RunAbout } from './errors-object.ts';

export interface Look {
  readonly paint: ChalkInstance;
  /** Width of the terminal; undefined = there is none. */
  readonly columns: number | undefined;
}

const inset = 6;
const namesShown = 8;

/** First what no fault explains: that is what a reader has to look into. */
export function errorsText(errors: RunErrors, { folder, finished, wanted }: RunAbout, look: Look): string {
  const { paint } = look;
  const { runId, total, unexplained, faults, groups } = errors;
  const head = `run ${paint.bold(oneLine(runId))}  ${times(total, 'error')} of ${times(groups.length, 'cause')}, ${unexplained} not explained by any fault${finished ? '' : paint.yellow('  (the run did not come to its end)')}`;
  const [explained, puzzling] = [groups.filter((group) => group.faults.length > 0), groups.filter((group) => group.faults.length === 0)];
  return [
    hangingLine(head, inset, look.columns),
    '',
    ...(faults.length === 0 ? [] : [faultTable(faults, look), '']),
    ...section('Not explained by any fault', puzzling, look),
    ...section('While faults were at work', explained, look),
    ...(total === 0 ? [] : [paint.dim(hangingLine(`\`netra-resilience errors ${oneLine(wanted)} --correlation <id>\` follows one through every host; ${oneLine(folder)} holds journal and logs, docs/error-codes.md what codes mean.`, 0, look.columns)), '']),
  ].join('\n');
}

function times(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function faultTable(faults: readonly FaultTime[], { columns }: Look): string {
  const rows = faults.map(({ fault, type, target, fromMs, toMs }) => [oneLine(fault), oneLine(onTarget(type, target)), seconds(fromMs), toMs === undefined ? 'the end' : seconds(toMs)]);
  return textTable({ head: ['fault', 'what', 'from', 'to'], rows, wrapped: 1, columns });
}

function onTarget(type: string, target: string): string {
  return target === '' ? type : `${type} on ${target}`;
}

function section(title: string, groups: readonly ErrorGroup[], look: Look): string[] {
  return groups.length === 0 ? [] : [look.paint.underline(title), '', ...groups.flatMap((group) => [...groupLines(group, look), ''])];
}

function groupLines(group: ErrorGroup, { paint, columns }: Look): string[] {
  const { code, dependency, operation, severity, recovery, count, firstMs, lastMs, hosts, agents, jobs, example } = group;
  const set = (line: string): string => hangingLine(`${' '.repeat(inset)}${line}`, inset, columns);
  const where = [dependency, operation].filter((name) => name !== undefined).join(', ');
  const grave = severity === undefined ? '' : `  ${severity}${recovery === undefined ? '' : ` → ${recovery}`}`;
  const concerned = [list('host', hosts), list('agent', agents), list('job', jobs)].filter((text) => text !== '').join('  ');
  const at = [seconds(example.ms), example.host, example.agent, example.job].filter((word) => word !== undefined).join(' ');
  return [
    hangingLine(`${String(count).padStart(inset - 3)} × ${paint.red(oneLine(code))}${where === '' ? '' : `  ${oneLine(where)}`}${severity === 'critical' || severity === 'high' ? paint.red(grave) : grave}`, inset, columns),
    ...(group.faults.length === 0 ? [] : [set(paint.magenta(faultText(group)))]),
    set(`${count === 1 ? `at ${seconds(firstMs)}` : `${seconds(firstMs)} to ${seconds(lastMs)}`}${concerned === '' ? '' : `  ${concerned}`}`),
    set(`${paint.dim(`${oneLine(at)}:`)} ${oneLine(example.message)}`),
    ...(example.correlationId === undefined ? [] : [set(paint.dim(`correlation ${oneLine(example.correlationId)}`))]),
  ];
}

/** `all while down on kafka (down-kafka-1) was at work`, or of how many each was; faults of something else are counted only. */
function faultText({ count, faults }: ErrorGroup): string {
  const related = faults.filter((fault) => fault.related);
  const named = related.length === 0 ? faults : related;
  const others = faults.length - named.length;
  const beside = others === 0 ? '' : `, beside ${times(others, 'other fault')}`;
  const names = named.map(({ fault, type, target }) => `${oneLine(onTarget(type, target))} (${oneLine(fault)})`);
  if (named.every((fault) => fault.count === count)) return `${count === 1 ? '' : 'all '}while ${names.join(' and ')} ${named.length === 1 ? 'was' : 'were'} at work${beside}`;
  return `while at work: ${named.map((fault, index) => `${names[index]} ${fault.count} of ${count}`).join(', ')}${beside}`;
}

function list(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, namesShown).map(oneLine).join(', ');
  return `${word}${names.length === 1 ? '' : 's'} ${shown}${names.length > namesShown ? ` and ${names.length - namesShown} more` : ''}`;
}
