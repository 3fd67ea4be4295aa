import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJobsFile } from '../../../src/cli/run/jobs-file.ts';
import { formatProblem, Problems } from '../../../src/core/problems.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const period = { from: '2025-10-01', to: '2025-12-31' };
const signal = new AbortController().signal;

async function read(name: string, content: string | Uint8Array): Promise<{ jobs: Awaited<ReturnType<typeof readJobsFile>>; lines: string[] }> {
  await using folder = await tempFolder({ [name]: content });
  const problems = new Problems();
  const jobs = await readJobsFile(join(folder.path, name), name, period, problems, signal);
  return { jobs, lines: problems.list.map(formatProblem) };
}

const good = [
  { name: 'job-1', userId: 'user-1', question: 'Why?', period },
  { name: 'pay', userId: 'user-7', question: 'Which payments failed?', period: { from: '2025-01-01', to: '2025-01-31' } },
];

describe('a jobs file', () => {
  it.each([
    ['jobs.yaml', '- question: Why?\n- name: pay\n  user_id: user-7\n  question: Which payments failed?\n  from: 2025-01-01\n  to: 2025-01-31\n'],
    ['jobs.json', JSON.stringify([{ question: 'Why?' }, { name: 'pay', user_id: 'user-7', question: 'Which payments failed?', from: '2025-01-01', to: '2025-01-31' }])],
    ['jobs.ndjson', '{"question": "Why?"}\r\n\r\n{"name":"pay","user_id":"user-7","question":"Which payments failed?","from":"2025-01-01","to":"2025-01-31"}\r\n'],
  ])('P01 %s says who asks what about which period', async (name, content) => {
    expect(await read(name, content)).toEqual({ jobs: good, lines: [] });
  });

  it('P01 names of many jobs sort as the jobs do', async () => {
    const { jobs } = await read('jobs.jsonl', '{"question":"q"}\n'.repeat(11));
    expect(jobs.map((job) => job.name)).toEqual(jobs.map((job) => job.name).toSorted());
    expect(jobs[10]?.name).toBe('job-11');
  });

  it.each([
    ['jobs.yaml', '', ['jobs.yaml: is empty; write at least one "- question: …"']],
    ['jobs.yaml', 'question: Why?\n', ['jobs.yaml:1:1: is no list of jobs; begin every job with "- question: …"']],
    ['jobs.yaml', '- question: Why?\n- question: "open\n', ['jobs.yaml:3:1: is not YAML: Missing closing "quote; mend the syntax there']],
    ['jobs.yaml', '- queston: Why?\n', ['jobs.yaml:1:3: "0.question" is missing; add it: a text', 'jobs.yaml:1:3: "queston" means nothing here; did you mean "question"? Known: name, user_id, question, from, to']],
    ['jobs.yaml', '- question: Why?\n  from: 2025-02-30\n', ['jobs.yaml:2:9: "0.from" is not right: no date as YYYY-MM-DD; mend it']],
    ['jobs.yaml', '- question: 7\n', ['jobs.yaml:1:13: "0.question" cannot be 7; write a text']],
    ['jobs.yaml', '- question: "  "\n', ['jobs.yaml:1:13: "0.question" is not right: empty; mend it']],
    ['jobs.yaml', '- name: ../x\n  question: Why?\n', ['jobs.yaml:1:9: "0.name" is not right: not made of letters, digits, dots, dashes and underscores, which files can be named after; mend it']],
    ['jobs.yaml', '- {name: a, question: Why?}\n- {name: A, question: Why?}\n', ['jobs.yaml:2:10: two jobs are called "A"; names must differ: reports are filed under them']],
    ['jobs.yaml', '- question: Why?\n  from: 2026-03-01\n', ['jobs.yaml:2:9: the period would be from 2026-03-01 to 2025-12-31; give both from and to']],
    ['jobs.yaml', '- question: Why?\n  from: 2025-03-02\n  to: 2025-03-01\n', ['jobs.yaml:2:9: the period would be from 2025-03-02 to 2025-03-01; exchange the two']],
    ['jobs.ndjson', '{"question": "Why?"}\n{"question": 7}\nWhy?\n{question: Why?}\n{"question": "x"\n', [
      'jobs.ndjson:2:14: "question" cannot be 7; write a text',
      'jobs.ndjson:3:1: is no JSON object; write one {"question": "…"} a line',
      'jobs.ndjson:4:1: is no JSON; put names and texts in double quotes',
      expect.stringMatching(/^jobs\.ndjson:5:\d+: is not YAML: .*mend the syntax there$/),
    ]],
  ])('N07 %s %j', async (name, content, expected) => {
    expect((await read(name, content)).lines).toEqual(expected);
  });

  it('N07 that is a folder, that is not there, that is no text', async () => {
    await using folder = await tempFolder({ 'd/x': '' });
    const problems = new Problems();
    await readJobsFile(join(folder.path, 'd'), 'd', period, problems, signal);
    await readJobsFile('/dev/null', '/dev/null', period, problems, signal);
    await readJobsFile(join(folder.path, 'nowhere.yaml'), 'nowhere.yaml', period, problems, signal);
    expect(problems.list.map(formatProblem)).toEqual(['d: is a folder; name a file of jobs', '/dev/null: is a pipe or a device; write the jobs into a file', 'nowhere.yaml: there is no such file; check the path of --jobs-file']);
    expect((await read('ls', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]))).lines).toEqual(['ls: is no text in UTF-8; name a file of jobs: YAML, JSON, or one JSON object a line']);
  });

  it('N07 of another kind is not told line by line for ever', async () => {
    expect((await read('log.ndjson', 'not a job\n'.repeat(5_000))).lines).toHaveLength(21);
    expect((await read('code.yaml', '}{\n: [\n'.repeat(2_000))).lines.length).toBeLessThanOrEqual(21);
  });
});
