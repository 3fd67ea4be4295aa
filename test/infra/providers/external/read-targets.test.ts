import { describe, expect, it } from 'vitest';
import { formatProblem, Problems } from '../../../../src/core/problems.ts';
import { readExternalTargets, type TargetFlags } from '../../../../src/infra/providers/external/read-targets.ts';

const enough: TargetFlags = { redis: 'redis://127.0.0.1:6379', kafka: '127.0.0.1:9092', postgres: 'postgres://fleet@127.0.0.1/db' };

function read(flags: TargetFlags, environment: Record<string, string> = {}): { lines: string[]; targets: ReturnType<typeof readExternalTargets> } {
  const problems = new Problems();
  const targets = readExternalTargets(flags, environment, problems, []);
  return { lines: problems.list.map(formatProblem), targets };
}

describe('targets of --infra external', () => {
  it('P01 are read from flags or the environment, with credentials from the environment', () => {
    const { lines, targets } = read(
      { redis: 'rediss://cache.example/2', kafka: 'a.example:9092, b.example:9093', toxiproxy: 'http://tools.example:8474/' },
      {
        NETRA_EXTERNAL_POSTGRES: 'postgres://fleet:in-url@db.example:6543/reports?sslmode=verify-full',
        NETRA_REDIS_PASSWORD: 'p@ss/w ord',
        NETRA_POSTGRES_PASSWORD: 'not-this-one',
        NETRA_KAFKA_TLS: 'on',
        NETRA_KAFKA_SASL_MECHANISM: 'scram-sha-256',
        NETRA_KAFKA_SASL_USERNAME: 'me',
        NETRA_KAFKA_SASL_PASSWORD: 'k',
        NETRA_TOXIPROXY_UPSTREAMS: 'cache.example:6379=redis:6379',
      },
    );
    expect(lines).toEqual([]);
    expect(targets).toMatchObject({
      redis: { host: 'cache.example', port: 6379 },
      postgres: { host: 'db.example', port: 6543 },
      kafka: [{ host: 'a.example', port: 9092 }, { host: 'b.example', port: 9093 }],
      toxiproxy: { url: 'http://tools.example:8474', bindHost: 'tools.example', ports: [], clientHost: 'tools.example' },
      access: { NETRA_REDIS_TLS_NAME: 'cache.example', NETRA_DATABASE_URL: 'postgres://fleet:in-url@db.example:6543/reports', NETRA_DATABASE_TLS_NAME: 'db.example', NETRA_KAFKA_TLS: 'on', NETRA_KAFKA_SASL_USERNAME: 'me' },
    });
    expect(decodeURIComponent(new URL(targets?.access.NETRA_REDIS_URL ?? '').password)).toBe('p@ss/w ord');
    expect([...(targets?.upstreams ?? [])]).toEqual([['cache.example:6379', 'redis:6379']]);
  });

  it.each([
    ['21001-21003,21010', { bindHost: '127.0.0.1', ports: [21_001, 21_002, 21_003, 21_010] }],
    ['0.0.0.0:21001', { bindHost: '0.0.0.0', ports: [21_001] }],
    ['[::]:21001', { bindHost: '::', ports: [21_001] }],
  ])('P01 a Toxiproxy in a container of this machine is told where to listen: %s', (listen, expected) => {
    expect(read({ ...enough, toxiproxy: 'http://localhost:8474' }, { NETRA_TOXIPROXY_LISTEN: listen }).targets?.toxiproxy).toMatchObject({ ...expected, clientHost: '127.0.0.1' });
  });

  it('P01 what is missing is told all at once', () => {
    expect(read({}).lines).toEqual([
      '--redis: is needed with --infra external; add --redis redis://127.0.0.1:6379, or set NETRA_EXTERNAL_REDIS',
      '--postgres: is needed with --infra external; add --postgres postgres://user@127.0.0.1:5432/netra, or set NETRA_EXTERNAL_POSTGRES',
      '--kafka: is needed with --infra external; add --kafka 127.0.0.1:9092, or set NETRA_EXTERNAL_KAFKA',
    ]);
  });

  it.each<[TargetFlags, Record<string, string>, string]>([
    [{ redis: 'redis://:t0p-secret@h' }, {}, '--redis: holds a password, which everybody on this machine could read; leave it out and set NETRA_REDIS_PASSWORD'],
    [{ postgres: 'postgres://u:t0p-secret@h/d' }, {}, '--postgres: holds a password, which everybody on this machine could read; leave it out and set NETRA_POSTGRES_PASSWORD'],
    [{ redis: 'http://:t0p-secret@h' }, {}, '--redis: is no redis:// or rediss:// URL; write it as redis://127.0.0.1:6379'],
    [{ redis: 'redis://h/x' }, {}, '--redis: has a path that is no number of a database; leave it out, or write for example /0'],
    [{ postgres: 'postgres://h/d' }, {}, '--postgres: names no user or no database; write it as postgres://user@127.0.0.1:5432/netra'],
    [{ postgres: 'postgres://u@h/d?sslmode=prefer' }, {}, '--postgres: has no sslmode of disable, require, verify-ca, verify-full; require checks the certificate as verify-full does'],
    [{ postgres: 'postgres://u@h/d?sslrootcert=x' }, {}, '--postgres: has the parameter sslrootcert, which is not known; leave out all but sslmode; a CA goes into NETRA_TLS_CA_FILE'],
    [{ kafka: 'h' }, {}, "--kafka: 'h' is no host:port; write --kafka 127.0.0.1:9092, several separated by commas"],
    [{ kafka: 'h:0' }, {}, "--kafka: 'h:0' is no host:port; write --kafka 127.0.0.1:9092, several separated by commas"],
    [{ toxiproxy: 'http://u:t0p-secret@h:8474' }, {}, '--toxiproxy: is no http(s) URL without credentials; write http://127.0.0.1:8474'],
    [{ toxiproxy: 'http://h' }, { NETRA_TOXIPROXY_LISTEN: '9-1' }, "NETRA_TOXIPROXY_LISTEN: '9-1' is no list of ports; write it as 21001-21010, or with what Toxiproxy binds to as 0.0.0.0:21001-21010"],
    [{}, { NETRA_TOXIPROXY_UPSTREAMS: 'a:1' }, 'NETRA_TOXIPROXY_UPSTREAMS: is no list of pairs of addresses; write it as 127.0.0.1:6379=redis:6379,127.0.0.1:5432=postgres:5432'],
    [{}, { NETRA_KAFKA_SASL_MECHANISM: 'scram-sha256', NETRA_KAFKA_SASL_USERNAME: 'u', NETRA_KAFKA_SASL_PASSWORD: 't0p-secret' }, "NETRA_KAFKA_SASL_MECHANISM: 'scram-sha256' is not known; did you mean scram-sha-256?"],
    [{}, { NETRA_KAFKA_SASL_PASSWORD: 't0p-secret' }, 'NETRA_KAFKA_SASL_PASSWORD: is set without a mechanism; set NETRA_KAFKA_SASL_MECHANISM to plain, scram-sha-256, scram-sha-512'],
    [{}, { NETRA_TLS_CA_FILE: '/nowhere/ca.pem' }, 'NETRA_TLS_CA_FILE: /nowhere/ca.pem cannot be read; name a PEM file'],
  ])('P01 %j %j is refused without showing a secret', (flags, environment, line) => {
    const { lines, targets } = read({ ...enough, ...flags }, environment);
    expect(lines).toEqual([line]);
    expect(targets).toBeUndefined();
    expect(lines.join()).not.toContain('t0p-secret');
  });
});
