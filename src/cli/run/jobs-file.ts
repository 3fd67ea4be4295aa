import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { z } from 'zod';
import type { JobSpec } from '../../chaos/engine/workload.ts';
import { asError } from '../../core/errors.ts';
import type { Problems } from '../../core/problems.ts';
import { parseYamlInput, validateYaml, type YamlPath } from '../../core/yaml-input.ts';
import type { Period } from './default-period.ts';
import { jobName } from './job-list.ts';
import { isDate, maxJobs, maxQuestionLength } from './run-options.ts';

const maxBytes = 64 * 2 ** 20;
/** A file of another kind would have as many as it has lines. */
const maxProblems = 20;

const date = z.string().refine(isDate, 'no date as YYYY-MM-DD');
const text = (max: number): z.ZodString => z.string().trim().min(1, 'empty').max(max, `longer than ${max} characters`);
const fileJob = z.strictObject({
  name: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u, 'not made of letters, digits, dots, dashes and underscores, which files can be named after')
    .optional(),
  user_id: text(200).optional(),
  question: text(maxQuestionLength),
  from: date.optional(),
  to: date.optional(),
});
const fileJobs = z.array(fileJob);

interface Entry {
  readonly job: z.infer<typeof fileJob>;
  /** `file:line:column` of a member, or of the job where it has no such member. */
  readonly where: (member: string) => string;
}

/**
 * Jobs from a file: a YAML or JSON list, or (`.ndjson`, `.jsonl`) one JSON object a line. What is
 * wrong is added to `problems` with its line and column; `shown` is the path as it was typed.
 */
export async function readJobsFile(path: string, shown: string, period: Period, problems: Problems, signal: AbortSignal): Promise<JobSpec[]> {
  const source = await readText(path, shown, problems, signal);
  if (source === undefined) return [];
  if (source.trim() === '') {
    problems.add(shown, 'is empty', 'write at least one "- question: …"');
    return [];
  }
  const entries = ['.ndjson', '.jsonl'].includes(extname(path).toLowerCase()) ? readLines(source, shown, problems) : readList(source, shown, problems);
  if (entries.length > maxJobs) problems.add(shown, `holds ${entries.length} jobs`, `at most ${maxJobs} fit in one run`);
  return toJobs(entries, period, problems);
}

async function readText(path: string, shown: string, problems: Problems, signal: AbortSignal): Promise<string | undefined> {
  try {
    const file = await stat(path);
    if (file.isDirectory()) problems.add(shown, 'is a folder', 'name a file of jobs');
    // A pipe that nobody writes to could not even be left by Ctrl-C.
    else if (!file.isFile()) problems.add(shown, 'is a pipe or a device', 'write the jobs into a file');
    else if (file.size > maxBytes) problems.add(shown, `is larger than ${maxBytes / 2 ** 20} MB`, 'split it');
    else return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') problems.add(shown, 'is no text in UTF-8', 'name a file of jobs: YAML, JSON, or one JSON object a line');
    else problems.add(shown, code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : asError(error).message, 'check the path of --jobs-file');
  }
  return undefined;
}

function readList(source: string, shown: string, problems: Problems): Entry[] {
  const input = parse(source, shown, problems);
  if (input === undefined) return [];
  if (!Array.isArray(input.value)) {
    problems.add(input.where([]), 'is no list of jobs', 'begin every job with "- question: …"');
    return [];
  }
  const jobs = validateYaml(input, fileJobs, problems) ?? [];
  return jobs.map((job, index) => ({ job, where: (member) => input.where([index, member]) }));
}

/** Each line is read by itself, so that one that is broken hides no other. */
function readLines(source: string, shown: string, problems: Problems): Entry[] {
  const before = problems.list.length;
  const entries: Entry[] = [];
  for (const [index, line] of source.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    if (problems.list.length - before >= maxProblems) {
      problems.add(`${shown}:${index + 1}`, 'and what follows was not looked at', 'mend the lines above first');
      break;
    }
    const parsed = fileJob.safeParse(parseJson(line));
    // Only a line that is wrong, or that another contradicts, is read a second time to learn its places.
    const input = (): ReturnType<typeof parse> => parse('\n'.repeat(index) + line, shown, problems);
    if (parsed.success) entries.push({ job: parsed.data, where: (member) => input()?.where([member] satisfies YamlPath) ?? shown });
    else if (!line.trimStart().startsWith('{')) problems.add(`${shown}:${index + 1}:1`, 'is no JSON object', 'write one {"question": "…"} a line');
    else {
      const read = input();
      if (read !== undefined && validateYaml(read, fileJob, problems) !== undefined) problems.add(`${shown}:${index + 1}:1`, 'is no JSON', 'put names and texts in double quotes');
    }
  }
  return entries;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // The place is looked for by the reader of YAML, of which JSON is a part.
  }
}

function parse(source: string, shown: string, problems: Problems): ReturnType<typeof parseYamlInput> {
  const before = problems.list.length;
  const input = parseYamlInput(source, shown, problems);
  const found = problems.list.length - before;
  if (found > maxProblems) {
    problems.list.length = before + maxProblems;
    problems.add(shown, `has ${found - maxProblems} more such errors`, 'mend those above first');
  }
  return input;
}

function toJobs(entries: readonly Entry[], period: Period, problems: Problems): JobSpec[] {
  const seen = new Set<string>();
  return entries.map(({ job, where }, index) => {
    const name = job.name ?? jobName(index, entries.length);
    // Some file systems do not tell upper case from lower.
    if (seen.has(name.toLowerCase())) problems.add(where('name'), `two jobs are called "${name}"`, 'names must differ: reports are filed under them');
    seen.add(name.toLowerCase());
    const jobPeriod = { from: job.from ?? period.from, to: job.to ?? period.to };
    const own = job.from !== undefined || job.to !== undefined;
    if (own && isDate(jobPeriod.from) && isDate(jobPeriod.to) && jobPeriod.from > jobPeriod.to) problems.add(where(job.from === undefined ? 'to' : 'from'), `the period would be from ${jobPeriod.from} to ${jobPeriod.to}`, job.from === undefined || job.to === undefined ? 'give both from and to' : 'exchange the two');
    return { name, userId: job.user_id ?? 'user-1', question: job.question, period: jobPeriod };
  });
}
