import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { isSeq, LineCounter, parseAllDocuments, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { JobSpec } from '../../chaos/engine/workload.ts';
import { asError } from '../../core/errors.ts';
import { nearest, type Problems } from '../../core/problems.ts';
import { createRng } from '../../core/rng.ts';
import { isDate, maxJobs } from './run-options.ts';

/** What people ask such a fleet, one or more for every business agent. */
const questions = [
  'How did orders and revenue develop, and which products carried them?',
  'Which payments failed or were refunded, and what did that cost?',
  'Are deliveries on time, and which shipments went wrong?',
  'Which products are short in stock, and in which warehouse?',
  'Who are our most valuable customers, and how do they feel about us?',
  'How do the marketplace channels compare in sales and fees?',
  'Why do customers return products, and how fast are tickets solved?',
  'What did quality inspections find, and where are defects concentrated?',
  'What do costs and open tasks in the backoffice look like?',
  'Which knowledge articles are used, and which are out of date?',
  'How large is our exposure to fraud, and what risk remains?',
  'Which documents and invoices are overdue or incomplete?',
  'How is the business doing overall?',
] as const;

const userCount = 5;

export interface PeriodDefaults {
  readonly from: string;
  readonly to: string;
}

/** `count` jobs; which user asks what is the seed's decision. */
export function seededJobs(count: number, seed: string, question: string | undefined, period: PeriodDefaults): JobSpec[] {
  const rng = createRng(seed).fork('jobs');
  const width = String(count).length;
  return Array.from({ length: count }, (_, index) => ({
    name: `job-${String(index + 1).padStart(width, '0')}`,
    userId: `user-${rng.integer(1, userCount)}`,
    question: question ?? rng.pick(questions),
    period,
  }));
}

const date = z.string().refine(isDate, 'is no date; write it as YYYY-MM-DD');
const fileJob = z.strictObject({
  name: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u, 'may hold letters, digits, dots, dashes and underscores only, since it names files')
    .optional(),
  user_id: z.string().min(1).max(200).optional(),
  question: z.string().min(1).max(4_000),
  from: date.optional(),
  to: date.optional(),
});

/** Jobs from a file: a YAML or JSON list, or (`.ndjson`, `.jsonl`) one JSON object a line. Problems name line and column. */
export async function readJobsFile(path: string, shownPath: string, period: PeriodDefaults, problems: Problems): Promise<JobSpec[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    problems.add(shownPath, asError(error).message.replace(/, (open|read).*$/, '').replace(/^ENOENT: /, ''), 'check the path of --jobs-file');
    return [];
  }
  const places = new LineCounter();
  const perLine = ['.ndjson', '.jsonl'].includes(extname(path).toLowerCase());
  const documents = perLine ? lines(text, places) : [parseDocument(text, { lineCounter: places, prettyErrors: false })];
  const entries: { value: unknown; at: (key?: PropertyKey) => string }[] = [];
  for (const document of documents) {
    for (const error of document.errors) {
      const { line, col } = places.linePos(error.pos[0]);
      problems.add(`${shownPath}:${line}:${col}`, error.message.split('\n')[0] as string, 'mend the syntax');
    }
    if (document.errors.length > 0) continue;
    if (!perLine && !isSeq(document.contents)) {
      problems.add(`${shownPath}:1:1`, 'is no list of jobs', 'begin every job with "- question: …"');
      continue;
    }
    const values = perLine ? [document.toJS() as unknown] : (document.toJS() as unknown[]);
    values.forEach((value, index) => entries.push({ value, at: (key) => place(document, perLine ? [] : [index], key, shownPath, places) }));
  }
  if (entries.length === 0 && !problems.any) problems.add(shownPath, 'holds no job', 'write at least one "- question: …"');
  if (entries.length > maxJobs) problems.add(shownPath, `holds ${entries.length} jobs`, `at most ${maxJobs} fit in one run`);
  const seen = new Set<string>();
  return entries.flatMap(({ value, at }, index) => {
    const parsed = fileJob.safeParse(value);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        if (issue.code === 'unrecognized_keys') {
          for (const key of issue.keys) {
            const near = nearest(key, Object.keys(fileJob.shape));
            problems.add(at(key), `a job has no '${key}'`, near === undefined ? `it has ${Object.keys(fileJob.shape).join(', ')}` : `did you mean ${near}?`);
          }
        } else problems.add(at(issue.path[0]), `${issue.path.join('.') || 'the job'}: ${issue.message}`, 'docs/usage.md shows a jobs file');
      }
      return [];
    }
    const job = parsed.data;
    const name = job.name ?? `job-${String(index + 1).padStart(String(entries.length).length, '0')}`;
    if (seen.has(name)) problems.add(at('name'), `two jobs are called '${name}'`, 'names must differ: reports are filed under them');
    seen.add(name);
    const jobPeriod = { from: job.from ?? period.from, to: job.to ?? period.to };
    if (jobPeriod.from > jobPeriod.to) problems.add(at('from'), `${jobPeriod.from} is after ${jobPeriod.to}`, 'exchange the two');
    return [{ name, userId: job.user_id ?? 'user-1', question: job.question, period: jobPeriod }];
  });
}

function lines(text: string, places: LineCounter): Document[] {
  // JSON is YAML: one document a line keeps the line numbers of the file.
  const documents = parseAllDocuments(
    text
      .split('\n')
      .map((line) => (line.trim() === '' ? line : `--- ${line}`))
      .join('\n'),
    { lineCounter: places, prettyErrors: false },
  );
  return Array.isArray(documents) ? documents : [];
}

function place(document: Document, path: PropertyKey[], key: PropertyKey | undefined, shownPath: string, places: LineCounter): string {
  const full = key === undefined ? path : [...path, key];
  const node = (document.getIn(full, true) ?? document.getIn(path, true) ?? document.contents) as { range?: [number, number, number] } | undefined;
  const { line, col } = places.linePos(node?.range?.[0] ?? 0);
  return `${shownPath}:${line}:${col}`;
}
