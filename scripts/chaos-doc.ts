import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectations } from '../src/chaos/checks/expectations/index.ts';
import { invariants } from '../src/chaos/checks/invariants/index.ts';
import { faults } from '../src/chaos/faults/index.ts';
import { eventNames, eventPhase } from '../src/journal/event-names.ts';
import { reporters } from '../src/reporters/index.ts';

/** Writes the lists of `docs/chaos.md` from the registries, each between its two markers: `node scripts/chaos-doc.ts`. */
export const documentPath = join(import.meta.dirname, '..', 'docs', 'chaos.md');

const lists: Readonly<Record<string, () => string>> = {
  faults: () =>
    [...Map.groupBy(faults, ({ family }) => family)]
      .map(([family, members]) => `${capital(family)}:\n\n${table(['type', 'target', 'parameters', 'what it does'], members.map(({ type, targets, parameters, summary }) => [code(type), targets.map(code).join(' '), Object.keys(parameters.shape).map(code).join(' '), summary]))}`)
      .join('\n\n'),
  invariants: () => table(['check', 'what holds'], invariants.map(({ name, summary }) => [code(name), summary])),
  expectations: () => table(['check', 'parameters', 'what is asked'], expectations.map(({ name, parameters, summary }) => [code(name), Object.keys(parameters.shape).map(code).join(' '), summary])),
  events: () => `${eventNames.filter((name) => eventPhase(name) === 'during').map(code).join(', ')}.`,
  reporters: () => table(['format', 'what it writes'], reporters.map(({ name, summary }) => [code(name), summary])),
};

export function render(document: string): string {
  return Object.entries(lists).reduce((text, [name, list]) => text.replace(new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`), (_, begin: string, end: string) => `${begin}\n${list()}\n\n${end}`), document);
}

/** Lists that the document has no place for. */
export function missingLists(document: string): string[] {
  return Object.keys(lists).filter((name) => !document.includes(`<!-- ${name} -->\n`) || !document.includes(`<!-- /${name} -->`));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function capital(text: string): string {
  return text.length <= 3 ? text.toUpperCase() : text.charAt(0).toUpperCase() + text.slice(1);
}

if (import.meta.main) await writeFile(documentPath, render(await readFile(documentPath, 'utf8')));
