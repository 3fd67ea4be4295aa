import type { Registry } from 'prom-client';
import type { Route } from '../http-server.ts';

/** `/metrics` in the Prometheus text format. */
export function metricsRoute(registry: Registry): Route {
  return { method: 'GET', path: '/metrics', handle: async () => ({ status: 200, body: await registry.metrics(), contentType: registry.contentType }) };
}
