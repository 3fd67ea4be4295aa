import { z } from 'zod';
import type { ServiceProxies } from '../../../infra/provider.ts';

/** Sum over all proxies of a service; null where one keeps no figures. */
export async function openConnectionsOf(proxies: ServiceProxies, signal: AbortSignal): Promise<number | null> {
  const traffic = await Promise.all(proxies.names.map((name) => trafficOf(proxies.toxiproxyUrl, name, signal)));
  return traffic.includes(null) ? null : traffic.reduce((sum, each) => sum + (each?.connectionsOpen ?? 0), 0);
}

const toxic = z.object({ name: z.string(), bytesAffected: z.number(), connectionsAffected: z.number() });
const proxy = z.object({ name: z.string(), connectionsAccepted: z.number(), connectionsOpen: z.number(), toxics: z.array(toxic) });
const statistics = z.object({ proxies: z.array(proxy) });
export type ProxyTraffic = z.infer<typeof proxy>;

/** What went through a proxy and its toxics, removed ones included; null where Toxiproxy is not ours and keeps no figures. */
export async function trafficOf(toxiproxyUrl: string, proxyName: string, signal: AbortSignal): Promise<ProxyTraffic | null> {
  const answer = await fetch(`${toxiproxyUrl}/netra/stats`, { signal });
  const text = await answer.text();
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`Toxiproxy answers with status ${answer.status} when asked for its figures`);
  return statistics.parse(JSON.parse(text)).proxies.find(({ name }) => name === proxyName) ?? null;
}
