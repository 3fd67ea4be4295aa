import { afterAll, beforeAll, describe } from 'vitest';
import { apiConformance } from './toxiproxy-api-conformance.ts';
import { clientConformance } from './toxiproxy-client-conformance.ts';
import { forwardingConformance } from './toxiproxy-forwarding-conformance.ts';
import { toxicConformance } from './toxiproxy-toxic-conformance.ts';

/** A server under test; it must run on this machine, since the tests listen on loopback. */
export interface ServerUnderTest {
  /** Base URL of the API, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What Toxiproxy 2.12 does, as tests over HTTP and TCP: run once against every implementation.
 * Leaves out its known defects, which an implementation may have or not.
 */
export function toxiproxyConformance(name: string, start: () => Promise<ServerUnderTest>): void {
  describe(`Toxiproxy conformance: ${name}`, () => {
    let server: ServerUnderTest;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.close());
    const url = (): string => server.url;

    describe('API', () => {
      apiConformance(url);
    });
    describe('toxiproxy-node-client', () => {
      clientConformance(url);
    });
    describe('forwarding', () => {
      forwardingConformance(url);
    });
    // Mostly waiting, so they wait together.
    describe.concurrent('toxics', () => {
      toxicConformance(url);
    });
  });
}
