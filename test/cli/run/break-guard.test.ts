import { describe, expect, it } from 'vitest';
import { whyNotBreak } from '../../../src/cli/run/break-guard.ts';
import type { ExternalTargets } from '../../../src/infra/providers/external/targets.ts';

const at = (host: string): { host: string; port: number } => ({ host, port: 1 });
const targets = (change: Partial<ExternalTargets> = {}): ExternalTargets => ({
  access: { NETRA_REDIS_URL: 'redis://127.0.0.1:1', NETRA_DATABASE_URL: 'postgres://127.0.0.1:1/x' },
  redis: at('127.0.0.1'),
  postgres: at('192.0.2.7'),
  kafka: [at('127.0.0.1')],
  toxiproxy: undefined,
  upstreams: new Map(),
  allowHosts: undefined,
  ...change,
});
const never = new AbortController().signal;
const why = (service: string, own: ExternalTargets | undefined, allowed: readonly string[] = [], addressMap = ''): Promise<string | undefined> => whyNotBreak(service, { hostEnvironment: { NETRA_KAFKA_ADDRESS_MAP: addressMap } }, own, allowed, never);

describe('what may be broken by hand', () => {
  it('P03 services of the run’s own and of this machine, the model, and what is allowed; nothing else', async () => {
    expect(await why('postgres', undefined)).toBeUndefined();
    expect(await why('redis', targets())).toBeUndefined();
    expect(await why('llm', targets({ toxiproxy: { url: 'http://192.0.2.1:8474', bindHost: '0.0.0.0', ports: [], clientHost: '192.0.2.1' } }))).toBeUndefined();
    expect(await why('postgres', targets())).toBe('it would break 192.0.2.7, which is not on this machine; where that is wanted, list what may be broken in --allow-hosts or NETRA_ALLOW_HOSTS');
    expect(await why('postgres', targets(), ['192.0.2.7'])).toBeUndefined();
  });

  it('P03 brokers that the cluster names and the Toxiproxy that has the proxies count', async () => {
    expect(await why('kafka', targets(), [], '127.0.0.1:9092=127.0.0.1:41001')).toBeUndefined();
    expect(await why('kafka', targets(), [], '127.0.0.1:9092=127.0.0.1:41001,192.0.2.9:9092=127.0.0.1:41002')).toContain('192.0.2.9');
    expect(await why('redis', targets({ toxiproxy: { url: 'http://192.0.2.1:8474', bindHost: '0.0.0.0', ports: [], clientHost: '192.0.2.1' } }))).toContain('192.0.2.1');
  });
});
