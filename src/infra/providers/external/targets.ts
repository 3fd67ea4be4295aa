import type { ServiceAccess } from '../../../core/service-access.ts';
import type { Endpoint } from '../../provider.ts';

/** Variables of the fleet protocol: where Redis and PostgreSQL are, and what services are spoken to with (ServiceAccess). */
export type AccessVariables = Readonly<Record<string, string>> & Readonly<Partial<Record<keyof ServiceAccess, string>>> & { readonly NETRA_REDIS_URL: string; readonly NETRA_DATABASE_URL: string };

/** A Toxiproxy of the user's, and where clients reach what it listens on. */
export interface ToxiproxyTarget {
  /** HTTP API, without a slash at the end. */
  readonly url: string;
  /** What its proxies bind to, as Toxiproxy sees it. */
  readonly bindHost: string;
  /** Ports that clients reach; empty = any that is free. */
  readonly ports: readonly number[];
  /** Where clients reach its proxies. */
  readonly clientHost: string;
}

/** Services that are there already. Holds credentials: for clients only, never for a journal or a message. */
export interface ExternalTargets {
  /** NETRA_REDIS_URL, NETRA_DATABASE_URL with the services' own addresses, and what else hosts need to speak to them. */
  readonly access: AccessVariables;
  readonly redis: Endpoint;
  readonly postgres: Endpoint;
  /** Brokers to begin with; the cluster names the others. */
  readonly kafka: readonly Endpoint[];
  /** undefined: our own is started. */
  readonly toxiproxy: ToxiproxyTarget | undefined;
  /** `host:port` as we reach a service → as Toxiproxy does, where that differs. */
  readonly upstreams: ReadonlyMap<string, string>;
  /** Hosts besides loopback that may be broken; undefined where nothing is going to be. */
  readonly allowHosts: readonly string[] | undefined;
}

export function addressText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
