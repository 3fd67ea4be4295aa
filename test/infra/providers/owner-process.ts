// An owner to be killed: starts the embedded infrastructure, names its children on stdout, and waits. Arguments: logs, cache.
import { readFile } from 'node:fs/promises';
import { systemClock } from '../../../src/core/clock.ts';
import { embedded } from '../../../src/infra/providers/embedded.ts';

const [logsDir = '', cacheDir = ''] = process.argv.slice(2);
await embedded.start({
  runId: 'owner', seed: '1', logsDir, cacheDir, llm: { latencyMs: 0, tokensPerSecond: 0 }, clock: systemClock, signal: new AbortController().signal,
});
console.log(JSON.stringify((await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).trim().split(' ').map(Number)));
await new Promise(() => setInterval(() => undefined, 1000));
