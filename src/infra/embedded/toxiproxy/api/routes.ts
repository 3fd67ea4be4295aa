import * as handlers from './handlers.ts';

export interface Route {
  readonly methods: readonly string[];
  /** Segments; one beginning with `:` takes any non-empty text. */
  readonly path: string;
  readonly handler: handlers.Handler;
}

export const routes: readonly Route[] = [
  { methods: ['POST'], path: '/reset', handler: handlers.reset },
  { methods: ['GET'], path: '/proxies', handler: handlers.listProxies },
  { methods: ['POST'], path: '/proxies', handler: handlers.createProxy },
  { methods: ['POST'], path: '/populate', handler: handlers.populate },
  { methods: ['GET'], path: '/proxies/:proxy', handler: handlers.showProxy },
  { methods: ['POST', 'PATCH'], path: '/proxies/:proxy', handler: handlers.updateProxy },
  { methods: ['DELETE'], path: '/proxies/:proxy', handler: handlers.deleteProxy },
  { methods: ['GET'], path: '/proxies/:proxy/toxics', handler: handlers.listToxics },
  { methods: ['POST'], path: '/proxies/:proxy/toxics', handler: handlers.createToxic },
  { methods: ['GET'], path: '/proxies/:proxy/toxics/:toxic', handler: handlers.showToxic },
  { methods: ['POST', 'PATCH'], path: '/proxies/:proxy/toxics/:toxic', handler: handlers.updateToxic },
  { methods: ['DELETE'], path: '/proxies/:proxy/toxics/:toxic', handler: handlers.deleteToxic },
  { methods: ['GET'], path: '/version', handler: handlers.version },
  { methods: ['GET'], path: '/netra/stats', handler: handlers.stats },
];

export type Match =
  | { readonly outcome: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly outcome: 'wrong-method' }
  | { readonly outcome: 'unknown-path' };

/** `path` is decoded: a name with an escaped slash is a path of its own and is not found, as in Toxiproxy. */
export function matchRoute(method: string, path: string): Match {
  let pathKnown = false;
  for (const route of routes) {
    const params = matchPath(route.path.split('/'), path.split('/'));
    if (params === undefined) continue;
    if (route.methods.includes(method)) return { outcome: 'found', route, params };
    pathKnown = true;
  }
  return { outcome: pathKnown ? 'wrong-method' : 'unknown-path' };
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] as string;
    if (expected.startsWith(':') && segment !== '') params[expected.slice(1)] = segment;
    else if (expected !== segment) return undefined;
  }
  return params;
}
