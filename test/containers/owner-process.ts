// An owner to be killed: starts the services in containers, says so on stdout, and waits. Arguments: logs, run id, `keep` or nothing.
import { systemClock } from '../../src/core/clock.ts';
import { containers } from '../../src/infra/providers/containers.ts';

const [logsDir = '', runId = '', keep] = process.argv.slice(2);
const infra = await containers({ environment: process.env, keep: keep === 'keep' }).start({
  runId, seed: '1', logsDir, cacheDir: logsDir, llm: { latencyMs: 0, tokensPerSecond: 0 }, clock: systemClock, signal: new AbortController().signal,
});
console.log(JSON.stringify(infra.services));
await new Promise(() => setInterval(() => undefined, 1000));
