import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, temporaryFolder, type CliResult } from '../helpers/cli.ts';

const key = 'model-key-7Rv4-planted-for-a-run';

/** Lists its model, and refuses everything else with the key in its answer. */
function tellingModel(): Server {
  return createServer((request, response) => {
    request.resume();
    const listed = request.url?.endsWith('/models') === true && request.headers.authorization === `Bearer ${key}`;
    response.writeHead(listed ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(listed ? { object: 'list', data: [{ id: 'teller', object: 'model' }] } : { error: { message: `Incorrect API key provided: ${String(request.headers.authorization).slice(7)}.`, type: 'invalid_request_error', code: 'invalid_api_key' } }));
  });
}

describe('a key that the model’s server repeats', () => {
  const model = tellingModel();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const told = new Map<string, string>();
  let run: CliResult;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', () => resolve()));
    const options = { cwd: folder.path, environment: { NETRA_LLM_API_KEY: key, NETRA_LOG_LEVEL: 'debug' } };
    run = await runCli(['run', '--json', '--jobs', '1', '--infra', 'embedded', '--llm-url', `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`, '--llm-model', 'teller', '--out', 'out'], options);
    const looks = await Promise.all([runCli(['errors', 'out'], options), runCli(['errors', 'out', '--job', 'job-1', '--json'], options), runCli(['replay', 'out', '--reporter', 'json,junit,markdown,github', '--out', 'reports'], options)]);
    for (const [name, { stdout, stderr }] of Object.entries({ run, errors: looks[0], trail: looks[1], replay: looks[2] })) told.set(name, `${stdout}\n${stderr}`);
    for (const entry of await readdir(folder.path, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) told.set(path.slice(folder.path.length + 1), await readFile(path, 'latin1'));
    }
  }, 120_000);

  afterAll(async () => {
    model.closeAllConnections();
    model.close();
    await folder?.[Symbol.asyncDispose]();
  });

  it('N05 is repeated without the key: in the hosts’ logs, the journal, and what `errors` shows', () => {
    expect(JSON.parse(run.stdout)).toMatchObject({ jobs: [{ success: true }] });
    // Either host may have had the job.
    const logs = [...told].filter(([name]) => name.startsWith('out/logs/reporting-')).map(([, text]) => text).join('');
    for (const text of [told.get('out/journal.ndjson'), told.get('trail'), logs]) expect(text).toContain('Incorrect API key provided: [redacted]');
  });

  it('N05 is in no file of the run, no report, and nothing that is printed', () => {
    expect([...told.keys()]).toEqual(expect.arrayContaining(['out/journal.ndjson', 'out/summary.json', 'out/report.html', 'out/reports/job-1.md', 'out/logs/llm.ndjson', 'out/logs/control-1.ndjson', 'run', 'errors', 'trail', 'replay']));
    const forms = [key, Buffer.from(key).toString('base64')];
    expect([...told].filter(([, text]) => forms.some((form) => text.includes(form))).map(([name]) => name)).toEqual([]);
  });
});
