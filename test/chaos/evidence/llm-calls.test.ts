import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLlmCalls } from '../../../src/chaos/evidence/llm-calls.ts';
import { storedReport } from '../../../src/chaos/evidence/stored-reports.ts';
import { temporaryFolder } from '../../helpers/cli.ts';

const never = new AbortController().signal;
const subject = { correlation_id: null, host: 'reporting-1', run_id: 'r-a', section: 'summary', attempt: 2, user_id: 'u', model: 'm', stream: true };
const at = '2026-01-01T00:00:01.000Z';
const request = (callId: string, more: object = {}): object => ({ seq: 1, at, type: 'request', call_id: callId, ...subject, ...more });
const response = (callId: string, more: object = {}): object => ({ seq: 2, at, type: 'response', call_id: callId, ...subject, status: 200, prompt_tokens: 7, completion_tokens: 3, duration_ms: 40, outcome: 'completed', fault: null, ...more });
const lines = (...each: readonly object[]): string => each.map((line) => `${JSON.stringify(line)}\n`).join('');

describe("the gateway's log as evidence", () => {
  it('P02 request and response are one call, in the order in which the calls came in', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'llm.ndjson');
    await writeFile(path, lines(request('1'), request('2', { section: 'actions' }), response('2', { fault: 'f-1', status: 429, at: '2026-01-01T00:00:09.000Z', prompt_tokens: null, completion_tokens: null }), response('1')));
    const about = { type: 'llm.called', host_at: Date.parse(at), host: 'reporting-1', job_id: 'r-a', user_id: 'u', attempt: 2, duration_ms: 40, outcome: 'completed' };
    expect(await readLlmCalls(path, 'r', never)).toEqual([
      { ...about, call_id: '1', section: 'summary', status: 200, prompt_tokens: 7, completion_tokens: 3, fault: null },
      { ...about, call_id: '2', section: 'actions', status: 429, prompt_tokens: 0, completion_tokens: 0, fault: 'f-1' },
    ]);
  });

  it('P02 a call without an answer is one, and other runs have none of it', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'llm.ndjson');
    await writeFile(path, lines(request('1'), request('2', { run_id: 'other-a' }), request('3', { run_id: null })));
    expect(await readLlmCalls(path, 'r', never)).toMatchObject([{ call_id: '1', outcome: 'unanswered', status: null }]);
  });

  it('P02 a last line that is still being written is left out, any other that cannot be read is an error with its number', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'llm.ndjson');
    await writeFile(path, `${lines(request('1'))}{"seq":2,"at`);
    expect(await readLlmCalls(path, 'r', never)).toHaveLength(1);
    await appendFile(path, `\n${lines(request('2'))}`);
    await expect(readLlmCalls(path, 'r', never)).rejects.toThrow(/:2: this is no line/);
  });
});

describe('stored reports as evidence', () => {
  const row = { run_id: 'r-a', user_id: 'u', level: 'FULL' };
  it('P02 a row tells whose it is and where its sections are from', () => {
    const result = JSON.stringify({ report: { user_id: 'v', sections: [{ name: 'summary', source: 'template', content: {} }] } });
    expect(storedReport({ ...row, result })).toEqual({ type: 'report.stored', job_id: 'r-a', user_id: 'u', document_user_id: 'v', level: 'FULL', sections: [{ name: 'summary', source: 'template' }] });
    expect(storedReport({ ...row, result: JSON.stringify({ report: 'text' }) })).toMatchObject({ document_user_id: null, sections: [] });
    expect(() => storedReport({ ...row, result: '{}' })).toThrow(/report/);
  });
});
