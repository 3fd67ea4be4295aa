import { Chalk } from 'chalk';
import { refuseWrongWords, type CommandHandler } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { hangingLine } from '../layout/hanging-line.ts';
import { cacheCheck } from './cache-check.ts';
import { engineCheck } from './engine-check.ts';
import { imagesCheck } from './images-check.ts';
import { leftoversCheck } from './leftovers-check.ts';
import { nodeCheck } from './node-check.ts';
import { portsCheck } from './ports-check.ts';
import { providerCheck } from './provider-check.ts';

const nameWidth = 18;
const checks = [nodeCheck, engineCheck, imagesCheck, leftoversCheck, portsCheck, cacheCheck, providerCheck] as const;

export const run: CommandHandler = async (input, context) => {
  refuseWrongWords(input);
  const findings = await Promise.all(checks.map((check) => check(context)));
  const healthy = findings.every((finding) => finding.status !== 'problem');
  if (input.options.json === true) context.stdout.write(`${JSON.stringify({ v: 1, healthy, findings })}\n`);
  else {
    const paint = new Chalk({ level: context.colour ? 1 : 0 });
    const marks = { ok: paint.green('✔'), note: paint.yellow('•'), problem: paint.red('✘') };
    for (const { check, status, detail } of findings) context.stdout.write(`${hangingLine(`${marks[status]} ${check.padEnd(nameWidth)} ${detail}`, nameWidth + 3, context.columns)}\n`);
  }
  return healthy ? exitCodes.pass : exitCodes.unavailable;
};
