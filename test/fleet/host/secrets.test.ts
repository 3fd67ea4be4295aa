import { createServer as createHttpServer, type Server as HttpService } from 'node:http';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logText } from '../../../src/cli/host/log-text.ts';
import type { Problems } from '../../../src/core/problems.ts';
import { readHostSettings } from '../../../src/fleet/host/config.ts';
import { toFleetRecord } from '../../../src/journal/events.ts';
import { until } from '../../helpers/until.ts';
import { urlOf } from '../connectors/database/database-servers.ts';
import { FleetServers, token, type TestHost } from './fleet-servers.ts';

/** What a host is given, and what a client sends it. None of it is a word that anything else would say. */
const planted = {
  token,
  modelKey: 'model-key-4Q7x-planted',
  redisPassword: 'redis-9Zp/planted+1',
  databasePassword: 'database-3Kd-planted',
  saslPassword: 'sasl-8Wm-planted',
  wrongBearer: 'bearer-6Yt-planted-and-wrong',
  queryToken: 'query-2Hs-planted-and-wrong',
} as const;

/** A model that answers with the key it was sent, as real ones do with a part of it. */
function tellingModel(): HttpService {
  return createHttpServer((request, response) => {
    request.resume();
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${String(request.headers.authorization).replace('Bearer ', '')}.`, type: 'invalid_request_error', code: 'invalid_api_key' } }));
  });
}

/** Redis before 6 repeats what it did not understand: with HELLO or AUTH, the password. */
function tellingRedis(): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => socket.write(`-ERR unknown command, with args beginning with: ${data.toString('utf8').replaceAll(/\s+/g, ' ')}\r\n`));
  });
}

describe('what a host was trusted with', () => {
  let servers: FleetServers;
  let hosts: readonly TestHost[];
  const model = tellingModel();
  const redis = tellingRedis();
  /** Every text that left a host, under where it went. */
  const told = new Map<string, string>();

  beforeAll(async () => {
    servers = await FleetServers.start();
    const ports = await Promise.all([model, redis].map((server) => new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))));
    const environment = {
      NETRA_LOG_LEVEL: 'debug',
      NETRA_LLM_BASE_URL: `http://127.0.0.1:${ports[0]}/v1`,
      NETRA_LLM_API_KEY: planted.modelKey,
      NETRA_REDIS_URL: `redis://:${encodeURIComponent(planted.redisPassword)}@127.0.0.1:${ports[1]}`,
      NETRA_DATABASE_URL: urlOf(servers.proxies.postgres.port).replace('netra:netra@', `netra:${planted.databasePassword}@`),
    };
    hosts = (['business', 'control', 'reporting'] as const).map((role) => servers.host(role, { environment }));
    // Of no fleet: a broker that knows no passwords is asked with one.
    const alone = servers.host('business', { name: 'alone', environment: { ...environment, NETRA_KAFKA_SASL_MECHANISM: 'plain', NETRA_KAFKA_SASL_USERNAME: 'fleet', NETRA_KAFKA_SASL_PASSWORD: planted.saslPassword } });
    const [business, control, reporting] = hosts as [TestHost, TestHost, TestHost];
    await Promise.all([...hosts.map((host) => host.up()), alone.listening()]);

    await control.post('/jobs', { run_id: 'job-secret', user_id: 'user-1', question: 'How did orders develop?', period: { from: '2025-01-01', to: '2025-12-31' } });
    await until(async () => (await control.get('/jobs/job-secret')).body['status'] === 'completed', 'the report', 40_000);
    told.set('the report', JSON.stringify((await control.get('/jobs/job-secret')).body));

    const answer = async (path: string, init: RequestInit): Promise<string> => {
      const response = await fetch(`${control.url}${path}`, init);
      return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
    };
    const errors = [
      await answer('/jobs/none', { headers: { authorization: `Bearer ${planted.wrongBearer}` } }),
      await answer(`/jobs/none?token=${planted.queryToken}`, {}),
      await answer(`/nowhere?token=${planted.queryToken}`, { headers: { authorization: `Bearer ${token}` } }),
      await answer('/jobs', { method: 'POST', headers: { authorization: `Bearer ${token}`, cookie: `session=${planted.wrongBearer}` }, body: '{' }),
      await answer('/jobs/%ff', { headers: { authorization: `Bearer ${token}` } }),
      await answer(`/agents/supervisor/${token}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{}' }),
      await upgrade(Number(new URL(control.url).port), planted.queryToken),
    ];
    told.set('error answers', errors.join('\n'));
    for (const path of ['/health', '/health/ready', '/health/detailed', '/agents/reporting/health/detailed', '/metrics']) {
      told.set(path, (await Promise.all([business, control, reporting, alone].map(async (host) => JSON.stringify((await host.get(path)).body)))).join('\n'));
    }
    await until(() => alone.lines.some(({ message, level }) => message.includes('consumer groups') || level === 'debug'), 'the host alone to have met the broker', 20_000);
    const all = [...hosts, alone];
    told.set('log lines', all.flatMap((host) => host.lines.map((line) => JSON.stringify(line))).join('\n'));
    told.set('log lines for a person', all.flatMap((host) => host.lines.map((line) => logText(JSON.stringify(line)))).join('\n'));
    told.set('standard output', all.flatMap((host) => host.stdout).join('\n'));
    told.set('events', all.flatMap((host) => host.events.map((event) => JSON.stringify(event))).join('\n'));
    told.set('the journal', all.flatMap((host) => host.events.map((event) => JSON.stringify(toFleetRecord(event)))).join('\n'));
    const tables = await Promise.all(['jobs', 'reports'].map((table) => servers.sql(`SELECT * FROM ${table}`)));
    told.set('the database', JSON.stringify(tables));
  }, 90_000);

  afterAll(async () => {
    await servers?.[Symbol.asyncDispose]();
    model.closeAllConnections();
    model.close();
    redis.close();
  }, 30_000);

  it('N05 was really met: services repeated it, and the words around it arrived', () => {
    expect(told.get('log lines')).toContain('Incorrect API key provided: [redacted]');
    expect(told.get('events')).toContain('Incorrect API key provided: [redacted]');
    expect(told.get('log lines')).toMatch(/with args beginning with: [^"]*\[redacted\]/);
    expect(told.get('/health/detailed')).toContain('[redacted]');
    expect(told.get('error answers')).toMatch(/^401 .*\n401 .*\n404 .*\n400 .*\n400 .*\n404 .*\nHTTP\/1\.1 401/);
    expect(told.get('log lines')?.length).toBeGreaterThan(1_000);
    expect(told.get('the report')).toContain('job-secret');
  });

  it('N05 is not told where a setting is refused', () => {
    const settings = readHostSettings(['--role', 'business'], {
      NETRA_TOKEN: 'sh0rt-planted',
      NETRA_REDIS_URL: `http://:${planted.redisPassword}@h`,
      NETRA_DATABASE_URL: `mysql://u:${planted.databasePassword}@h/x`,
      NETRA_KAFKA_BROKERS: `fleet:${planted.saslPassword}@h:9092`,
      NETRA_LLM_BASE_URL: `ftp://u:${planted.modelKey}@h`,
    });
    expect((settings as Problems).list.length).toBeGreaterThanOrEqual(5);
    expect(JSON.stringify(settings)).not.toMatch(/planted/);
  });

  it.each(Object.entries(planted))('N05 %s is in no output: logs, events, journal, error answers, health, metrics, report, database', (_, secret) => {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    const leaks = [...told].filter(([, text]) => forms.some((form) => text.includes(form))).map(([where, text]) => `${where}: …${around(text, forms)}…`);
    expect(leaks).toEqual([]);
  });
});

function around(text: string, forms: readonly string[]): string {
  const at = Math.max(...forms.map((form) => text.indexOf(form)));
  return text.slice(Math.max(0, at - 120), at + 60);
}

/** What a WebSocket that gives a wrong token is answered. */
async function upgrade(port: number, secret: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => (answer += data.toString('utf8')));
  socket.write(`GET /events?token=${secret} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}
