import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { nearest, type Problems } from '../../../core/problems.ts';
import { readAddressMap, saslMechanisms } from '../../../core/service-access.ts';
import type { Endpoint } from '../../provider.ts';
import { isLoopbackAddress } from './guard.ts';
import { addressText, type ExternalTargets, type ToxiproxyTarget } from './targets.ts';

/** Flags as typed; each has an environment variable that stands for it. */
export interface TargetFlags {
  readonly redis?: string | undefined;
  readonly kafka?: string | undefined;
  readonly postgres?: string | undefined;
  readonly toxiproxy?: string | undefined;
}

export const targetFlags = ['redis', 'kafka', 'postgres', 'toxiproxy'] as const;
type TargetName = (typeof targetFlags)[number];
type Environment = Readonly<Record<string, string | undefined>>;

const variables: Readonly<Record<TargetName, string>> = {
  redis: 'NETRA_EXTERNAL_REDIS',
  kafka: 'NETRA_EXTERNAL_KAFKA',
  postgres: 'NETRA_EXTERNAL_POSTGRES',
  toxiproxy: 'NETRA_EXTERNAL_TOXIPROXY',
};
const examples: Readonly<Record<TargetName, string>> = {
  redis: 'redis://127.0.0.1:6379',
  kafka: '127.0.0.1:9092',
  postgres: 'postgres://user@127.0.0.1:5432/netra',
  toxiproxy: 'http://127.0.0.1:8474',
};
const passwords = { redis: 'NETRA_REDIS_PASSWORD', postgres: 'NETRA_POSTGRES_PASSWORD' } as const;

interface Given {
  readonly name: TargetName;
  readonly text: string;
  /** The flag, or the variable that stood for it. */
  readonly where: string;
}

/** Adds every problem to `problems`, none of them with a secret in it; undefined where there is one. */
export function readExternalTargets(flags: TargetFlags, environment: Environment, problems: Problems, allowHosts: readonly string[] | undefined): ExternalTargets | undefined {
  const before = problems.list.length;
  const given = (name: TargetName): Given | undefined => {
    const typed = flags[name];
    if (typed !== undefined) return { name, text: typed.trim(), where: `--${name}` };
    const text = environment[variables[name]]?.trim();
    return text ? { name, text, where: variables[name] } : undefined;
  };
  const needed = (name: TargetName): Given | undefined => {
    const found = given(name);
    if (found === undefined) problems.add(`--${name}`, 'is needed with --infra external', `add --${name} ${examples[name]}, or set ${variables[name]}`);
    return found;
  };
  const redis = readUrl(needed('redis'), ['redis:', 'rediss:'], 6379, environment, problems);
  const postgres = readUrl(needed('postgres'), ['postgres:', 'postgresql:'], 5432, environment, problems);
  const kafka = readBrokers(needed('kafka'), problems);
  const toxiproxy = readToxiproxy(given('toxiproxy'), environment, problems);
  const access = readAccess(environment, problems);
  const upstreams = readUpstreams(environment, problems);
  const tlsName = postgres === undefined ? '' : readSslMode(postgres.url, given('postgres') as Given, postgres.endpoint.host, problems);
  if (problems.list.length > before || redis === undefined || postgres === undefined) return undefined;
  return {
    access: {
      ...access,
      NETRA_REDIS_URL: redis.url.href,
      NETRA_DATABASE_URL: postgres.url.href,
      ...(redis.url.protocol === 'rediss:' ? { NETRA_REDIS_TLS_NAME: redis.endpoint.host } : {}),
      ...(tlsName === '' ? {} : { NETRA_DATABASE_TLS_NAME: tlsName }),
    },
    redis: redis.endpoint,
    postgres: postgres.endpoint,
    kafka,
    toxiproxy,
    upstreams,
    allowHosts,
  };
}

function readUrl(given: Given | undefined, protocols: readonly string[], defaultPort: number, environment: Environment, problems: Problems): { url: URL; endpoint: Endpoint } | undefined {
  if (given === undefined) return undefined;
  const { name, text, where } = given;
  const url = URL.parse(text);
  // What is no URL is not shown: it may hold a password all the same.
  const wrong = (what: string, fix = `write it as ${examples[name]}`): undefined => {
    problems.add(where, what, fix);
    return undefined;
  };
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '') return wrong(`is no ${protocols.map((protocol) => `${protocol}//`).join(' or ')} URL`);
  const variable = passwords[name as keyof typeof passwords];
  if (where.startsWith('--') && url.password !== '') return wrong('holds a password, which everybody on this machine could read', `leave it out and set ${variable}`);
  if (name === 'redis' && !/^(\/\d{0,4})?$/.test(url.pathname)) return wrong('has a path that is no number of a database', 'leave it out, or write for example /0');
  if (name === 'redis' && url.search !== '') return wrong('has options behind a ?', 'leave them out');
  if (name === 'postgres' && (url.pathname.length < 2 || url.username === '')) return wrong('names no user or no database');
  const password = environment[variable];
  if (password && url.password === '') url.password = encodeURIComponent(password);
  return { url, endpoint: { host: bare(url.hostname), port: url.port === '' ? defaultPort : Number(url.port) } };
}

/** The name that the certificate must have; empty without TLS. Takes the parameter out of `url`: the driver would read it otherwise. */
function readSslMode(url: URL, { where }: Given, host: string, problems: Problems): string {
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  url.searchParams.delete('sslmode');
  const more = [...url.searchParams.keys()];
  if (more.length > 0) problems.add(where, `has the parameter ${more.join(', ')}, which is not known`, 'leave out all but sslmode; a CA goes into NETRA_TLS_CA_FILE');
  const modes = ['disable', 'require', 'verify-ca', 'verify-full'];
  if (!modes.includes(mode)) problems.add(where, `has no sslmode of ${modes.join(', ')}`, 'require checks the certificate as verify-full does');
  return mode === 'disable' ? '' : host;
}

function readBrokers(given: Given | undefined, problems: Problems): Endpoint[] {
  if (given === undefined) return [];
  return given.text.split(',').flatMap((entry) => {
    const address = readAddress(entry.trim());
    if (address === undefined) problems.add(given.where, `'${entry.trim()}' is no host:port`, `write ${given.where.startsWith('--') ? `--kafka ${examples.kafka}` : examples.kafka}, several separated by commas`);
    return address ?? [];
  });
}

/** No scheme, no credentials: `host:port`, `[::1]:port`. */
function readAddress(text: string): Endpoint | undefined {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/.exec(text) ?? [];
  return host === undefined || Number(port) < 1 || Number(port) > 65_535 ? undefined : { host: bare(host), port: Number(port) };
}

function readToxiproxy(given: Given | undefined, environment: Environment, problems: Problems): ToxiproxyTarget | undefined {
  const listen = environment['NETRA_TOXIPROXY_LISTEN']?.trim();
  if (given === undefined) return undefined;
  const url = URL.parse(given.text);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '') {
    problems.add(given.where, 'is no http(s) URL without credentials', `write ${examples.toxiproxy}`);
    return undefined;
  }
  const host = bare(url.hostname);
  const local = host === 'localhost' || isLoopbackAddress(host);
  const read = listen ? readListen(listen, problems) : { host: '', ports: [] };
  const bindHost = read.host || (local ? '127.0.0.1' : host);
  return { url: url.href.replace(/\/+$/, ''), bindHost, ports: read.ports, clientHost: local ? '127.0.0.1' : host };
}

const mostPorts = 1_000;

/** `[host:]ports`, ports as `21001-21010,21015`. */
function readListen(text: string, problems: Problems): { host: string; ports: number[] } {
  const [, host = '', list = ''] = /^(?:(.+):)?([\d,\s-]+)$/.exec(text) ?? [];
  const ports = list.split(',').flatMap((part) => {
    const [, first, last] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    const from = Number(first);
    const length = Number(last ?? first) - from + 1;
    return first === undefined || from < 1 || length < 1 || length > mostPorts || from + length > 65_536 ? [Number.NaN] : Array.from({ length }, (_, index) => from + index);
  });
  if (ports.some(Number.isNaN) || ports.length > mostPorts) problems.add('NETRA_TOXIPROXY_LISTEN', `'${text}' is no list of ports`, 'write it as 21001-21010, or with what Toxiproxy binds to as 0.0.0.0:21001-21010');
  return { host: bare(host), ports };
}

function readUpstreams(environment: Environment, problems: Problems): ReadonlyMap<string, string> {
  const text = environment['NETRA_TOXIPROXY_UPSTREAMS']?.trim();
  if (!text) return new Map();
  try {
    return new Map([...readAddressMap(text)].map(([from, to]) => [from, addressText(to)]));
  } catch {
    problems.add('NETRA_TOXIPROXY_UPSTREAMS', 'is no list of pairs of addresses', 'write it as 127.0.0.1:6379=redis:6379,127.0.0.1:5432=postgres:5432');
    return new Map();
  }
}

const passedOn = ['NETRA_TLS_CA_FILE', 'NETRA_TLS_CERT_FILE', 'NETRA_TLS_KEY_FILE', 'NETRA_KAFKA_TLS', 'NETRA_KAFKA_SASL_MECHANISM', 'NETRA_KAFKA_SASL_USERNAME', 'NETRA_KAFKA_SASL_PASSWORD'] as const;

function readAccess(environment: Environment, problems: Problems): Record<string, string> {
  const { NETRA_KAFKA_TLS: tls, NETRA_KAFKA_SASL_MECHANISM: mechanism, NETRA_KAFKA_SASL_USERNAME: user, NETRA_KAFKA_SASL_PASSWORD: password } = environment;
  if (tls && !['on', 'off'].includes(tls)) problems.add('NETRA_KAFKA_TLS', `'${tls}' is neither on nor off`, 'set it to one of them');
  if (mechanism && !(saslMechanisms as readonly string[]).includes(mechanism)) {
    const near = nearest(mechanism, saslMechanisms);
    problems.add('NETRA_KAFKA_SASL_MECHANISM', `'${mechanism}' is not known`, near === undefined ? `use ${saslMechanisms.join(', ')}` : `did you mean ${near}?`);
  }
  if (mechanism && (!user || !password)) problems.add('NETRA_KAFKA_SASL_MECHANISM', 'needs a user and a password', 'set NETRA_KAFKA_SASL_USERNAME and NETRA_KAFKA_SASL_PASSWORD');
  if (!mechanism && (user || password)) problems.add(user ? 'NETRA_KAFKA_SASL_USERNAME' : 'NETRA_KAFKA_SASL_PASSWORD', 'is set without a mechanism', `set NETRA_KAFKA_SASL_MECHANISM to ${saslMechanisms.join(', ')}`);
  for (const name of ['NETRA_TLS_CA_FILE', 'NETRA_TLS_CERT_FILE', 'NETRA_TLS_KEY_FILE'] as const) {
    const path = environment[name];
    if (!path) continue;
    try {
      accessSync(path, constants.R_OK);
    } catch {
      problems.add(name, `${path} cannot be read`, 'name a PEM file');
    }
  }
  if (!environment['NETRA_TLS_CERT_FILE'] !== !environment['NETRA_TLS_KEY_FILE']) problems.add('NETRA_TLS_CERT_FILE', 'and NETRA_TLS_KEY_FILE go together', 'set both or neither');
  return Object.fromEntries(passedOn.flatMap((name) => {
      const value = environment[name];
      return value ? [[name, value]] : [];
    }));
}

function bare(host: string): string {
  const inside = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return isIP(inside) === 0 ? host : inside;
}
