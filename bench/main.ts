import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { barHolds, toReport, type Benchmark } from './bench.ts';
import { formatReport, reportToJson } from './print.ts';

/** `npm run bench -- <name> [--json]`; without a name, the list. Exits with 1 where a bar is missed. */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
const here = import.meta.dirname;
const suffix = '.bench.ts';
const names = (await readdir(here)).filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));

async function load(name: string): Promise<Benchmark> {
  const { benchmark } = (await import(`./${name}${suffix}`)) as { benchmark: Benchmark };
  return benchmark;
}

const [name] = positionals;
if (name === undefined) {
  for (const known of names.toSorted()) console.log(`${known.padEnd(20)} ${(await load(known)).summary}`);
} else if (!names.includes(name)) {
  console.error(`no benchmark "${name}"; there are ${names.toSorted().join(', ')}`);
  process.exitCode = 64;
} else {
  const report = toReport(await (await load(name)).run());
  console.log(values.json ? reportToJson(name, report) : formatReport(report));
  if (!report.bars.every(barHolds)) process.exitCode = 1;
}
