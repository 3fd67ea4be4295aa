import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, getCACertificates, type ConnectionOptions } from 'node:tls';
import type { KafkaConfig, SASLOptions } from 'kafkajs';

export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/**
 * Variables of the fleet protocol that say how services are spoken to, beside where they are. The lab reads them as the
 * hosts do. Each is left out, or empty, where a service asks for nothing of the kind.
 */
export interface ServiceAccess {
  /** PEM; trusted beside what Node trusts. */
  readonly NETRA_TLS_CA_FILE?: string | undefined;
  /** PEM; what a client shows a server that asks for it. */
  readonly NETRA_TLS_CERT_FILE?: string | undefined;
  readonly NETRA_TLS_KEY_FILE?: string | undefined;
  /** Name in Redis's certificate, where a `rediss:` address is a proxy's. */
  readonly NETRA_REDIS_TLS_NAME?: string | undefined;
  /** Goes before every key. */
  readonly NETRA_REDIS_KEY_PREFIX?: string | undefined;
  /** Name in PostgreSQL's certificate; TLS where it is set. */
  readonly NETRA_DATABASE_TLS_NAME?: string | undefined;
  readonly NETRA_KAFKA_TLS?: string | undefined;
  readonly NETRA_KAFKA_SASL_MECHANISM?: string | undefined;
  readonly NETRA_KAFKA_SASL_USERNAME?: string | undefined;
  readonly NETRA_KAFKA_SASL_PASSWORD?: string | undefined;
  /** `broker:9092=127.0.0.1:41001,…`: each address that brokers name, and where it is connected to instead. */
  readonly NETRA_KAFKA_ADDRESS_MAP?: string | undefined;
  /** Goes before every topic and every group. */
  readonly NETRA_KAFKA_NAME_PREFIX?: string | undefined;
}

/**
 * TLS to the server whose certificate names `serverName`, over whatever address: a proxy in between changes the
 * address, not who is at the other end. Throws the file system's error for a file that cannot be read.
 */
export function tlsTo(serverName: string, access: ServiceAccess): ConnectionOptions {
  const { NETRA_TLS_CA_FILE: ca, NETRA_TLS_CERT_FILE: cert, NETRA_TLS_KEY_FILE: key } = access;
  return {
    // RFC 6066 allows names only.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    ...(ca ? { ca: [...getCACertificates('default'), readFileSync(ca, 'utf8')] } : {}),
    ...(cert ? { cert: readFileSync(cert) } : {}),
    ...(key ? { key: readFileSync(key) } : {}),
  };
}

/** Options of ioredis beside the address. */
export function redisAccess(url: string, access: ServiceAccess): { tls?: ConnectionOptions; keyPrefix?: string } {
  const { protocol, hostname } = new URL(url);
  const prefix = access.NETRA_REDIS_KEY_PREFIX;
  return {
    ...(protocol === 'rediss:' ? { tls: tlsTo(access.NETRA_REDIS_TLS_NAME || bare(hostname), access) } : {}),
    ...(prefix ? { keyPrefix: prefix } : {}),
  };
}

/** Options of pg beside the connection string. */
export function databaseAccess(access: ServiceAccess): { ssl?: ConnectionOptions } {
  const name = access.NETRA_DATABASE_TLS_NAME;
  return name ? { ssl: tlsTo(name, access) } : {};
}

/**
 * Options of kafkajs beside the brokers. With an address map every connection goes where the map says, and one to an
 * address that is not in it fails: a broker that nobody knew of must not be reached past its proxy.
 */
export function kafkaAccess(access: ServiceAccess): Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'> {
  const { NETRA_KAFKA_ADDRESS_MAP: map, NETRA_KAFKA_TLS: tls, NETRA_KAFKA_SASL_MECHANISM: mechanism } = access;
  const ssl = tls === 'on';
  if (!ssl && !map && !mechanism) return {};
  const addresses = map ? readAddressMap(map) : undefined;
  return {
    ssl,
    ...(mechanism ? { sasl: { mechanism, username: access.NETRA_KAFKA_SASL_USERNAME ?? '', password: access.NETRA_KAFKA_SASL_PASSWORD ?? '' } as SASLOptions } : {}),
    socketFactory: ({ host, port, onConnect }) => {
      const address = addresses === undefined ? { host, port } : addresses.get(`${host}:${port}`);
      if (address === undefined) throw new Error(`Kafka names the broker ${host}:${port}, which has no proxy`);
      const socket: Socket = ssl ? connectTls({ ...address, ...tlsTo(host, access) }, onConnect) : connectTcp(address, onConnect);
      return socket.setKeepAlive(true, keepAliveDelayMs);
    },
  };
}

const keepAliveDelayMs = 60_000;

/** By `host:port`; throws where an entry is none. */
export function readAddressMap(text: string): Map<string, { host: string; port: number }> {
  return new Map(
    text.split(',').map((entry) => {
      const [from, to, ...more] = entry.trim().split('=');
      const address = /^(.+):(\d{1,5})$/.exec(to ?? '');
      if (!from || address === null || more.length > 0) throw new Error(`'${entry}' is no pair of addresses, such as broker:9092=127.0.0.1:41001`);
      return [from, { host: bare(address[1] as string), port: Number(address[2]) }];
    }),
  );
}

/** The same URL at another address. */
export function urlAt(text: string, { host, port }: { readonly host: string; readonly port: number }): URL {
  const url = new URL(text);
  url.hostname = host.includes(':') ? `[${host}]` : host;
  url.port = String(port);
  return url;
}

/** `[::1]` → `::1` */
function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
