import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../../src/core/clock.ts';
import { Problems } from '../../../src/core/problems.ts';
import type { DirectCall } from '../../../src/fleet/agents/ask.ts';
import { AgentError } from '../../../src/fleet/agents/error-codes.ts';
import { allSwitchedOn, mechanismNames } from '../../../src/fleet/agents/resilience-switches.ts';
import { BoundaryGate } from '../../../src/fleet/host/boundary-gate.ts';
import { readHostSettings } from '../../../src/fleet/host/config.ts';
import { createDirectCall } from '../../../src/fleet/host/direct-calls.ts';
import { EventHub } from '../../../src/fleet/host/event-hub.ts';
import { serveEvents } from '../../../src/fleet/host/event-socket.ts';
import { HttpServer } from '../../../src/fleet/host/http-server.ts';
import { createJsonLogger } from '../../../src/fleet/host/logger.ts';
import type { FleetEvent } from '../../../src/journal/fleet-events.ts';
import { until } from '../../helpers/until.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';

const environment = {
  NETRA_RUN_ID: 'r',
  NETRA_REDIS_URL: 'redis://127.0.0.1:1',
  NETRA_KAFKA_BROKERS: '127.0.0.1:2,127.0.0.1:3',
  NETRA_DATABASE_URL: 'postgres://127.0.0.1:4/x',
  NETRA_LLM_BASE_URL: 'http://127.0.0.1:5/v1',
  NETRA_STATE_DIR: '/tmp/x',
};

function lines(correlationId = 'the-run'): { written: string[]; logger: ReturnType<typeof createJsonLogger> } {
  const written: string[] = [];
  const logger = createJsonLogger({ clock: new VirtualClock(), write: (line) => written.push(line), level: 'info', correlationId, context: () => ({ degradation_level: 2, breakers: { kafka: 'open' } }) }, { host: 'h' });
  return { written, logger };
}

describe('settings of a host', () => {
  it('N07 a good environment is understood, with defaults for what may be left out', () => {
    const settings = readHostSettings(['--role', 'reporting'], environment);
    expect(settings).toMatchObject({ config: { host: 'reporting-1', role: 'reporting', seed: '1', jobConcurrency: 4, resilience: allSwitchedOn }, environment: { NETRA_HTTP_HOST: '127.0.0.1', NETRA_HTTP_PORT: 0 } });
  });

  const switchesOf = (text: string): unknown => {
    const settings = readHostSettings(['--role', 'control'], { ...environment, NETRA_RESILIENCE: text });
    return settings instanceof Problems ? settings.list : settings.config.resilience;
  };
  const allOff = { checkpoints: false, fencing: false, deduplication: false, deadLetters: false, retry: false, breaker: false, timeout: false, fallback: false, directCalls: false };

  it('D11 NETRA_RESILIENCE=off switches everything off but time limits; a list tells what stays on, one with dashes what goes', () => {
    expect(switchesOf('on')).toEqual(allSwitchedOn);
    expect(switchesOf('off')).toEqual({ ...allOff, timeout: true });
    expect(switchesOf('retry,dead-letters')).toEqual({ ...allOff, retry: true, deadLetters: true, timeout: true });
    expect(switchesOf('-fencing,-timeout')).toEqual({ ...allSwitchedOn, fencing: false, timeout: false });
  });

  it('D11 each mechanism has a name of its own', () => {
    expect(mechanismNames.map((name) => switchesOf(`-${name}`))).toEqual(Object.keys(allOff).map((member) => ({ ...allSwitchedOn, [member]: false })));
  });

  it('D11 docs/chaos.md tells what each mechanism does', () => {
    const [, list = ''] = /<!-- mechanisms -->(.*)<!-- \/mechanisms -->/s.exec(readFileSync(new URL('../../../docs/chaos.md', import.meta.url), 'utf8')) ?? [];
    expect([...list.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)).toEqual(mechanismNames);
  });

  it.each(['retry,brakes', 'retry,-breaker', '-on', '', 'retry,'])('N07 NETRA_RESILIENCE=%j is refused, with what there is', (text) => {
    const list = 'checkpoints, fencing, deduplication, dead-letters, retry, breaker, timeout, fallback, direct-calls';
    expect(switchesOf(text)).toMatchObject([{ where: 'NETRA_RESILIENCE', what: expect.stringContaining(`\`on\`, \`off\`, or some of ${list}, separated by commas`) }]);
  });

  it.each([
    [['--role', 'kitchen'], {}, '--role'],
    [[], {}, '--role'],
    [['--role', 'control', '--name', 'a b'], {}, '--name'],
    [['--role', 'control'], { NETRA_RUN_ID: '' }, 'NETRA_RUN_ID'],
    [['--role', 'control'], { NETRA_REDIS_URL: 'http://x' }, 'NETRA_REDIS_URL'],
    [['--role', 'control'], { NETRA_KAFKA_BROKERS: 'localhost' }, 'NETRA_KAFKA_BROKERS'],
    [['--role', 'control'], { NETRA_DATABASE_URL: 'mysql://x' }, 'NETRA_DATABASE_URL'],
    [['--role', 'control'], { NETRA_HTTP_PORT: '70000' }, 'NETRA_HTTP_PORT'],
    [['--role', 'control'], { NETRA_TOKEN: 'short' }, 'NETRA_TOKEN'],
    [['--role', 'control'], { NETRA_HTTP_HOST: '0.0.0.0' }, 'NETRA_TOKEN'],
    [['--role', 'control'], { NETRA_JOB_CONCURRENCY: '0' }, 'NETRA_JOB_CONCURRENCY'],
    [['--role', 'control'], { NETRA_LOG_LEVEL: 'loud' }, 'NETRA_LOG_LEVEL'],
  ])('N07 %j with %j is refused, naming %s', (argv, change, where) => {
    const problems = readHostSettings(argv, { ...environment, ...change });
    expect(problems).toBeInstanceOf(Problems);
    expect((problems as Problems).list.map((problem) => problem.where)).toContain(where);
  });

  it('N07 every problem is told at once', () => {
    const problems = readHostSettings(['--role', 'x', '--name', '../y'], {});
    expect((problems as Problems).list.length).toBeGreaterThanOrEqual(8);
  });
});

describe('log lines', () => {
  it('N05 carry level, breakers and host of the moment; N02 the run\'s correlation id unless there is a nearer one', () => {
    const { written, logger } = lines();
    logger.info('one');
    logger.with({ agent: 'order' }).warn('two', { correlation_id: 'c-2' });
    logger.warn('three', { correlation_id: undefined });
    logger.debug('not written');
    expect(written.map((line) => JSON.parse(line) as object)).toEqual([
      { at: '2026-01-01T00:00:00.000Z', level: 'info', message: 'one', degradation_level: 2, breakers: { kafka: 'open' }, host: 'h', correlation_id: 'the-run' },
      { at: '2026-01-01T00:00:00.000Z', level: 'warn', message: 'two', degradation_level: 2, breakers: { kafka: 'open' }, host: 'h', agent: 'order', correlation_id: 'c-2' },
      { at: '2026-01-01T00:00:00.000Z', level: 'warn', message: 'three', degradation_level: 2, breakers: { kafka: 'open' }, host: 'h', correlation_id: 'the-run' },
    ]);
    expect(written.every((line) => line.endsWith('\n') && !line.slice(0, -1).includes('\n'))).toBe(true);
  });

  it('N05 errors keep name, code and cause', () => {
    const { written, logger } = lines();
    logger.error('failed', { error: new AgentError('READ_ONLY', 'later', { cause: new Error('below'), context: { a: 1 } }) });
    expect(JSON.parse(written[0] as string)).toMatchObject({ error: { name: 'AgentError', code: 'READ_ONLY', message: 'later', context: { a: 1 }, cause: { name: 'Error', message: 'below', stack: expect.any(String) } } });
  });

  it('N07 no field can make logging throw: a bigint, a circle, a getter that fails', () => {
    const { written, logger } = lines();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    logger.info('big', { value: 5n });
    logger.info('round', { circle, correlation_id: 'c' });
    logger.info('trap', {
      object: {
        get member(): never {
          throw new Error('no');
        },
      },
    });
    expect(written.map((line) => JSON.parse(line) as Record<string, unknown>)).toMatchObject([{ value: '5' }, { message: 'round', correlation_id: 'c', fields_lost: expect.stringContaining('circular') }, { message: 'trap', fields_lost: 'Error: no' }]);
  });
});

function hub(): { events: EventHub; clock: VirtualClock; errors: unknown[] } {
  const errors: unknown[] = [];
  const clock = new VirtualClock();
  return { events: new EventHub(clock, 'h', 'the-run', (error) => errors.push(error)), clock, errors };
}

describe('events for those who watch', () => {
  it('D12 are kept for a late watcher, the newest 2000, numbered without gaps', () => {
    const { events } = hub();
    for (let n = 1; n <= 2_100; n++) events.emit({ type: 'agent_started', agent: `a${n}` });
    const got: FleetEvent[] = [];
    const stop = events.watch((event) => got.push(event));
    expect(got).toHaveLength(2_000);
    expect(got.map((event) => event.event_no)).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 101));
    events.emit({ type: 'agent_started', agent: 'live' });
    stop();
    events.emit({ type: 'agent_started', agent: 'missed' });
    expect(got.at(-1)).toMatchObject({ agent: 'live', event_no: 2_101, host: 'h', correlation_id: 'the-run', at: Date.UTC(2026, 0, 1) });
    const again: FleetEvent[] = [];
    events.watch((event) => again.push(event), 2_101);
    expect(again.map((event) => event.agent)).toEqual(['missed']);
  });

  it('D12 a watcher that throws costs nobody anything', () => {
    const { events, errors } = hub();
    const got: string[] = [];
    events.watch(() => {
      throw new Error('mine');
    });
    events.watch((event) => got.push(event.agent ?? ''));
    events.emit({ type: 'agent_started', agent: 'a' });
    expect(got).toEqual(['a']);
    expect(errors).toHaveLength(1);
  });

  it('D12 a watcher that lags is cut off, the others go on, and it may come again', async () => {
    const { events } = hub();
    const http = new HttpServer([], { token: undefined, logger: lines().logger });
    const port = await http.listen('127.0.0.1', 0);
    const served = serveEvents(http, events, systemClock, 200_000);
    const connected = async (after = 0): Promise<{ socket: WebSocket; got: FleetEvent[] }> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/events?after=${after}`);
      const got: FleetEvent[] = [];
      socket.on('message', (data) => got.push(JSON.parse((data as Buffer).toString('utf8')) as FleetEvent));
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('open', resolve));
      return { socket, got };
    };
    const slow = await connected();
    const quick = await connected();
    slow.socket.pause();
    let cut = false;
    slow.socket.on('close', () => {
      cut = true;
    });
    const detail = 'x'.repeat(50_000);
    let sent = 0;
    await until(() => {
      events.emit({ type: 'agent_started', agent: `a${++sent}`, operation: detail });
      return quick.got.length > 400 || sent > 2_000;
    }, 'the quick watcher to have seen many', 20_000);
    slow.socket.resume();
    await until(() => cut, 'the slow watcher to be cut off');
    expect(slow.got.length).toBeLessThan(sent);
    expect(quick.socket.readyState).toBe(WebSocket.OPEN);
    await until(() => quick.got.length === sent, 'the quick one to get all');
    const back = await connected(sent - 1);
    await until(() => back.got.length === 1, 'the newest event');
    await served.close();
    await http.close();
  });

  it('F12 closing tells watchers, and does not wait for one that does not answer', async () => {
    const { events } = hub();
    const http = new HttpServer([], { token: undefined, logger: lines().logger });
    const port = await http.listen('127.0.0.1', 0);
    const served = serveEvents(http, events, systemClock);
    const polite = new WebSocket(`ws://127.0.0.1:${port}/events`);
    const code = new Promise((resolve) => polite.once('close', resolve));
    const stuck = new WebSocket(`ws://127.0.0.1:${port}/events`);
    stuck.on('error', () => undefined);
    await Promise.all([polite, stuck].map((socket) => new Promise((resolve) => socket.once('open', resolve))));
    stuck.pause();
    const began = performance.now();
    await served.close();
    await http.close();
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(await code).toBe(1001);
    stuck.terminate();
  });
});

const direct = (urls: readonly string[]): DirectCall => createDirectCall({ clock: systemClock, peers: { urls: async () => urls }, token: 'sixteen-characters-at-least', roleOf: (agent) => (agent === 'order' ? 'business' : undefined) });

describe('direct calls', () => {
  it('F08 go to the next host of the role where one refuses the connection or is shutting down; an agent\'s own error is final', async () => {
    const asked: string[] = [];
    const serving = async (name: string, answer: () => Promise<{ status: number; body: object }>): Promise<{ url: string; http: HttpServer }> => {
      const http = new HttpServer(
        [
          {
            method: 'POST',
            path: '/agents/*/*',
            handle: async (request) => {
              asked.push(`${name} ${request.segments.join('.')} ${request.correlationId} ${String(request.headers['x-netra-user-id'])}`);
              return answer();
            },
          },
        ],
        { token: 'sixteen-characters-at-least', logger: lines().logger },
      );
      return { url: `http://127.0.0.1:${await http.listen('127.0.0.1', 0)}`, http };
    };
    const leaving = await serving('leaving', () => Promise.reject(new AgentError('AGENT_NOT_READY', 'on its way out')));
    const good = await serving('good', async () => ({ status: 200, body: { ok: true } }));
    const failing = await serving('failing', () => Promise.reject(new AgentError('ACTION_INPUT_INVALID', 'no such period')));
    const gone = 'http://127.0.0.1:1';
    const call = { correlationId: 'c-1', userId: 'Zoë' };
    expect(await direct([gone, leaving.url, good.url])('order', 'facts', {}, call)).toEqual({ ok: true });
    expect(asked).toEqual(['leaving order.facts c-1 Zo%C3%AB', 'good order.facts c-1 Zo%C3%AB']);
    await expect(direct([failing.url, good.url])('order', 'facts', {}, call)).rejects.toMatchObject({ name: 'RemoteAgentError', code: 'ACTION_INPUT_INVALID', agent: 'order' });
    await expect(direct([gone])('order', 'facts', {}, call)).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE', message: expect.stringContaining('tried http://127.0.0.1:1') });
    await expect(direct([good.url])('stranger', 'facts', {}, call)).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE', message: expect.stringContaining('no unknown host') });
    await expect(direct([good.url])('order', 'facts', {}, { ...call, signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    await Promise.all([leaving, good, failing].map(({ http }) => http.close(AbortSignal.abort())));
  });
});

describe('the boundary gate', () => {
  it('C06 holds a report at a boundary until its own line comes, however the input is cut', async () => {
    const printed: string[] = [];
    const gate = new BoundaryGate((line) => printed.push(line));
    const passed: string[] = [];
    const first = Promise.resolve(gate.hook('report.stored', 'job a')).then(() => passed.push('a'));
    const second = Promise.resolve(gate.hook('report.stored', 'job b')).then(() => passed.push('b'));
    expect(printed.map((line) => JSON.parse(line) as object)).toEqual(['job a', 'job b'].map((job_id) => ({ type: 'host.boundary', name: 'report.stored', job_id })));
    gate.onInput('continue nobody\nnonsense\ncontinue jo');
    gate.onInput('b b\ncontinue job b');
    gate.onInput('\ncontinue job ');
    await second;
    expect(passed).toEqual(['b']);
    gate.onInput('a\n');
    await first;
    expect(passed).toEqual(['b', 'a']);
  });
});
