import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hostSettings } from '../../../src/cli/host/host-settings.ts';
import { logText } from '../../../src/cli/host/log-text.ts';
import { commandInput, problemsOf } from '../helpers.ts';

const environment = {
  NETRA_REDIS_URL: 'redis://redis.example:6379',
  NETRA_KAFKA_BROKERS: 'kafka.example:9092',
  NETRA_DATABASE_URL: 'postgres://netra@postgres.example:5432/netra',
  NETRA_LLM_BASE_URL: 'https://model.example/v1',
};
const token = 'long enough for a token';

describe('netra-resilience host: what it is told', () => {
  it('N07 endpoints are enough: name, run, state and the rest have defaults', () => {
    const settings = hostSettings(commandInput({ role: 'reporting' }), { environment, cwd: '/somewhere' });
    const name = `reporting-${hostname()}`;
    expect(settings).toMatchObject({ config: { host: name, role: 'reporting', runId: 'fleet', stateDir: `/somewhere/.netra/hosts/${name}` }, environment: { NETRA_HTTP_HOST: '127.0.0.1', NETRA_HTTP_PORT: 0, NETRA_KAFKA_PARTITIONS: 24 } });
  });

  it('N07 flags go before variables, and variables before defaults', () => {
    const settings = hostSettings(commandInput({ role: 'control', name: 'c-7', port: '8080', bind: '10.0.0.7', advertise: 'c-7.example' }), {
      environment: { ...environment, NETRA_TOKEN: token, NETRA_HTTP_PORT: '1', NETRA_RUN_ID: 'my-run', NETRA_STATE_DIR: '/state', NETRA_KAFKA_PARTITIONS: '12' },
      cwd: '/somewhere',
    });
    expect(settings).toMatchObject({
      config: { host: 'c-7', runId: 'my-run', stateDir: '/state' },
      environment: { NETRA_HTTP_PORT: 8080, NETRA_HTTP_HOST: '10.0.0.7', NETRA_ADVERTISED_HOST: 'c-7.example', NETRA_KAFKA_PARTITIONS: 12 },
    });
  });

  it('N07 everything that is missing or wrong is told at once, by the flag where a flag said it', async () => {
    const told = await problemsOf(() => hostSettings({ ...commandInput({ role: 'reportng', bind: '0.0.0.0', port: '70000' }), problems: [{ where: '--prot', what: 'host has no such flag', fix: 'did you mean --port?' }] }, { environment: { NETRA_REDIS_URL: 'http://x' }, cwd: '/' }));
    expect(told.map((line) => line.split(':')[0])).toEqual(['--prot', '--role', '--port', 'NETRA_REDIS_URL', 'NETRA_KAFKA_BROKERS', 'NETRA_DATABASE_URL', 'NETRA_LLM_BASE_URL', 'NETRA_TOKEN']);
    expect(told).toContain("--role: 'reportng' is no role; did you mean reporting?");
    expect(told).toContain('NETRA_KAFKA_BROKERS: is not set; set it, for example to 127.0.0.1:9092');
  });

  it('N07 without a role it is asked for one; a flag without its value is told once', async () => {
    const words = [{ where: '--role', what: 'needs a value', fix: 'write --role=<value>' }];
    expect(await problemsOf(() => hostSettings(commandInput(), { environment, cwd: '/' }))).toEqual(['--role: is needed; use one of business, control, reporting']);
    expect(await problemsOf(() => hostSettings({ ...commandInput({ role: true }), problems: words }, { environment, cwd: '/' }))).toEqual(['--role: needs a value; write --role=<value>']);
  });

  it.each(['0.0.0.0', '::', '192.0.2.7'])('N07 to listen on %s, where others reach it, it needs a token', async (bind) => {
    const input = commandInput({ role: 'business', bind });
    expect(await problemsOf(() => hostSettings(input, { environment, cwd: '/' }))).toEqual([`NETRA_TOKEN: is needed, since NETRA_HTTP_HOST ${bind} can be reached from elsewhere; set it to at least 16 characters that nobody can guess`]);
    expect(await problemsOf(() => hostSettings(input, { environment: { ...environment, NETRA_TOKEN: token }, cwd: '/' }))).toEqual([]);
  });
});

describe('netra-resilience host: log lines for a person', () => {
  it('N05 say time, level, message and what is particular', () => {
    const line = { at: '2026-01-01T12:34:56.789Z', level: 'warn', message: 'agent could not start', degradation_level: 2, host: 'h', run_id: 'fleet', correlation_id: 'fleet', agent: 'order', retry_after_ms: 5, error: { name: 'E', message: 'no way', stack: 'E: no way\n at x' } };
    expect(logText(`${JSON.stringify(line)}\n`)).toBe('12:34:56 warn  agent could not start  agent=order  retry_after_ms=5  error=no way\n');
  });

  it('N05 what is no log line is passed on as it is', () => {
    expect(logText('not JSON\n')).toBe('not JSON\n');
    expect(logText('{"type":"other"}\n')).toBe('{"type":"other"}\n');
  });
});
