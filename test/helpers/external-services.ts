import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/core/clock.ts';
import { startKafkaBroker } from '../../src/infra/embedded/kafka/broker.ts';
import { startLlmGateway } from '../../src/infra/embedded/llm/gateway.ts';
import { startToxiproxy } from '../../src/infra/embedded/toxiproxy/server.ts';
import { until } from './until.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const redisServer = '/usr/bin/redis-server';

/** Planted, so that any output can be searched for them. */
export const secrets = { redis: 'redis-s3cret-Zq7', postgres: 'pg s3cret/Kx9', llm: 'sk-s3cret-Lm4' } as const;

/** Folder with initdb and postgres, the newest that Debian has installed. */
async function postgresFolder(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newest = versions.toSorted((left, right) => Number(left) - Number(right)).at(-1);
  return newest === undefined ? undefined : join('/usr/lib/postgresql', newest, 'bin');
}

/** Where the distribution's servers are absent there is nothing to test; in CI that would hide a hole. */
export async function realServersAbsent(): Promise<boolean> {
  if (existsSync(redisServer) && (await postgresFolder()) !== undefined) return false;
  if (process.env['CI'] === 'true') throw new Error('redis-server and postgresql are not installed: in CI the tests of --infra external must run (apt-get install redis-server postgresql)');
  process.stderr.write('redis-server or postgresql is not installed: the tests of --infra external are skipped\n');
  return true;
}

export interface ExternalServices extends AsyncDisposable {
  readonly redisPort: number;
  readonly postgresPort: number;
  /** `127.0.0.1:port`, which is what the broker tells its clients too. */
  readonly kafka: string;
  readonly toxiproxyUrl: string;
  /** A model that asks for a key, as quick as scenarios expect the built-in one to be. */
  readonly llmUrl: string;
  /** One line a request that reached the model. */
  readonly llmLogPath: string;
  readonly caFile: string;
}

/** Redis and PostgreSQL that take only TLS and a password, for `localhost`; Kafka; and a Toxiproxy that others use too. */
export async function startExternalServices(): Promise<ExternalServices> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'netra-external-'));
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [certificate, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=netra test', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate]);
  const [redisPort, postgresPort] = [await freePort(), await freePort()];
  await writeFile(join(folder, 'redis.conf'), `port 0\ntls-port ${redisPort}\nbind 127.0.0.1\nsave ""\nrequirepass ${secrets.redis}\ntls-cert-file ${certificate}\ntls-key-file ${key}\ntls-auth-clients no\n`);
  const redis = spawn(redisServer, [join(folder, 'redis.conf'), '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  stack.defer(() => ended(redis));
  const llmLogPath = join(folder, 'llm.ndjson');
  const [kafka, toxiproxy, llm] = await Promise.all([
    startKafkaBroker({ clock: systemClock, listeners: [{ name: 'PLAINTEXT' }] }),
    startToxiproxy(),
    startLlmGateway({ clock: systemClock, seed: '1', latencyMs: 150, tokensPerSecond: 2_000, logPath: llmLogPath, apiKey: secrets.llm, model: 'theirs' }),
    printed(redis, 'Ready to accept connections'),
    startPostgres(stack, folder, postgresPort, certificate, key),
  ]);
  stack.defer(() => kafka.close());
  stack.defer(() => toxiproxy.close());
  stack.defer(() => llm.close());
  const broker = kafka.address('PLAINTEXT');
  const rest = stack.move();
  return {
    redisPort,
    postgresPort,
    kafka: `${broker.host}:${broker.port}`,
    toxiproxyUrl: `http://${toxiproxy.host}:${toxiproxy.port}`,
    llmUrl: `http://${llm.host}:${llm.port}/v1`,
    llmLogPath,
    caFile: certificate,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** It refuses to run as root: as the distribution's user, then. */
async function startPostgres(stack: AsyncDisposableStack, folder: string, port: number, certificate: string, key: string): Promise<void> {
  const bin = (await postgresFolder()) as string;
  const root = process.getuid?.() === 0;
  const [uid, gid] = root ? await Promise.all(['-u', '-g'].map(async (what) => Number((await run('id', [what, 'postgres'])).stdout))) : [undefined, undefined];
  const as = uid === undefined || gid === undefined ? {} : { uid, gid };
  const home = join(folder, 'postgres');
  await mkdir(home);
  const own = async (path: string, content: string): Promise<string> => {
    await writeFile(path, content, { mode: 0o600 });
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
    return path;
  };
  if (uid !== undefined && gid !== undefined) {
    await run('chmod', ['755', folder]);
    await chown(home, uid, gid);
  }
  const data = join(home, 'data');
  const [passwordFile, keyCopy, certificateCopy] = [await own(join(home, 'password'), secrets.postgres), await own(join(home, 'server.key'), await readFile(key, 'utf8')), await own(join(home, 'server.crt'), await readFile(certificate, 'utf8'))];
  await run(join(bin, 'initdb'), ['--no-sync', '--username=fleet', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '-D', data], as);
  await own(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ssl: 'on', ssl_cert_file: certificateCopy, ssl_key_file: keyCopy };
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])], { stdio: ['ignore', 'ignore', 'pipe'], ...as });
  stack.defer(() => ended(server, 'SIGQUIT'));
  await printed(server, 'ready to accept connections');
}

async function printed(child: ChildProcess, text: string): Promise<void> {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')));
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended: ${log}`);
    return log.includes(text);
  }, `${child.spawnfile} to print '${text}'`, 20_000);
}

async function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exited;
}
