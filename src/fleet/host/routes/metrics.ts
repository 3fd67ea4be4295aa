import type { Route } from '../http-server.ts';

/** As much of prom-client's registry as is shown. */
export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** `/metrics` in the Prometheus text format. */
export function metricsRoute(metrics: MetricsText): Route {
  return { method: 'GET', path: '/metrics', handle: async () => ({ status: 200, body: await metrics.metrics(), contentType: metrics.contentType }) };
}
