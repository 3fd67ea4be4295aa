import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Problems, formatProblem } from '../../../src/core/problems.ts';
import { readDataset } from '../../../src/fleet/data/read-dataset.ts';
import { tableNames } from '../../../src/fleet/data/tables/index.ts';

const brokenFolder = relative(process.cwd(), fileURLToPath(new URL('../../../fixtures/broken/data', import.meta.url)));

async function problemsOf(folder: string): Promise<string[]> {
  const problems = new Problems();
  const dataset = await readDataset(folder, problems);
  expect(dataset === undefined).toBe(problems.any);
  return problems.list.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, '').replaceAll(folder, '.'));
}

/** Folder of fixtures/broken/data → its problems; each folder is named after its defect. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'column-named-twice': [
    'orders.csv:1:39: its header names "total" twice; rename one of the two columns',
  ],
  'column-unknown': [
    'orders.csv:1:48: orders has no column "chanel"; did you mean "channel"? Its columns are order_id, customer_id, ordered_on, recorded_at, status, channel, country, total, currency',
  ],
  'empty-file': [
    'orders.csv:1:1: is empty; write the column names on its first line, or leave the file away if there is no such data',
  ],
  'file-in-utf-16': [
    'orders.csv:1:1: is UTF-16; save it as "CSV UTF-8"',
  ],
  'file-in-windows-1252': [
    'customers.csv:3:6: is not UTF-8; save it as UTF-8, or say "encoding: windows-1252" for the table in mapping.yaml',
  ],
  'mapping-column-unknown': [
    'mapping.yaml:5:7: orders has no column "totl"; did you mean "total"? Known: order_id, customer_id, ordered_on, recorded_at, status, channel, country, total, currency',
  ],
  'mapping-date-format-unusable': [
    'mapping.yaml:1:14: the date format "DD.MM." lacks a year, a month or a day; write it with YYYY, MM and DD (or M and D), such as DD.MM.YYYY',
  ],
  'mapping-default-unusable': [
    'mapping.yaml:5:17: the default cannot be used: "Euro" is no ISO 4217 currency code; write it as a cell of the file would be written',
  ],
  'mapping-encoding-unknown': [
    'mapping.yaml:4:15: "tables.orders.encoding" cannot be "windows-1251"; did you mean "windows-1252"? Write one of utf-8, windows-1252',
  ],
  'mapping-file-missing': [
    'mapping.yaml:3:11: there is no file "order.csv" in .; did you mean "orders.csv"? Known: orders.csv',
  ],
  'mapping-format-unknown': [
    'mapping.yaml:5:14: "decimal-coma" is no format of an amount; did you mean "decimal-comma"? Known: decimal, decimal-comma, minor-units',
  ],
  'mapping-header-missing': [
    'mapping.yaml:5:14: bestellungen.csv has no column "Betrg"; did you mean "Betrag"? Its columns are order_id, customer_id, ordered_on, Betrag, currency',
  ],
  'mapping-is-not-yaml': [
    'mapping.yaml:3:1: is not YAML: Flow map in block collection must be sufficiently indented and end with a }; mend the syntax there',
  ],
  'mapping-key-unknown': [
    'mapping.yaml:4:5: "colums" means nothing here; did you mean "columns"? Known: file, delimiter, encoding, columns, defaults',
  ],
  'mapping-misnamed': [
    'mapping.yml: is not read; rename it to mapping.yaml',
  ],
  'mapping-table-unknown': [
    `mapping.yaml:2:3: "order" is no table of ours; did you mean "orders"? Known: ${tableNames.join(', ')}`,
  ],
  'mapping-value-of-wrong-type': [
    'mapping.yaml:3:11: "tables.orders.file" cannot be 7; write a text',
  ],
  'no-csv-files': [
    '.: holds no CSV file; put in files named after tables, such as orders.csv, or a mapping.yaml',
  ],
  'quote-never-closed': [
    'orders.csv:3:1: a quoted cell that begins here is never closed; close it before the next separator, and double every quote inside it',
  ],
  'required-column-missing': [
    'orders.csv:1:1: lacks the column "total"; name a column so, or say in mapping.yaml which one it is',
  ],
  'spreadsheet-renamed-to-csv': [
    'orders.csv:1:1: is no text: it contains NUL bytes; export the table as CSV, not as a spreadsheet or an archive',
  ],
  'table-unknown': [
    `oders.csv: "oders" is no table of ours; did you mean "orders"? Name files after tables (${tableNames.join(', ')}), or write a mapping.yaml`,
  ],
  'text-after-closing-quote': [
    'orders.csv:3:1: a quoted cell goes on after its closing quote; close it before the next separator, and double every quote inside it',
  ],
  'three-files-broken-at-once': [
    `ordrs.csv: "ordrs" is no table of ours; name files after tables (${tableNames.join(', ')}), or write a mapping.yaml`,
    'customers.csv:1:1: lacks the column "registered_on"; name a column so, or say in mapping.yaml which one it is',
    'orders.csv:1:1: is empty; write the column names on its first line, or leave the file away if there is no such data',
  ],
};

test.each(Object.entries(expected))('N07 broken data: %s', async (name, problems) => {
  expect(await problemsOf(`${brokenFolder}/${name}`)).toEqual(problems);
});

test('N07 every broken folder is expected to have problems', async () => {
  const folders = (await readdir(brokenFolder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect(Object.keys(expected).toSorted()).toEqual(folders.toSorted());
});

test('N07 a folder that is not there, or is a file, is told plainly', async () => {
  expect(await problemsOf('no/such/folder')).toEqual(['.: does not exist; check the spelling']);
  expect(await problemsOf('package.json')).toEqual(['.: is no folder; name the folder that holds the files']);
});
