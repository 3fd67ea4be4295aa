import type { SupervisorAgent } from '../../agents/system/supervisor.ts';
import { AgentError } from '../../agents/error-codes.ts';
import type { CallOptions } from '../../connectors/call.ts';
import type { HostAgents } from '../host-agents.ts';
import type { HttpRequest, Route } from '../http-server.ts';
import { decodeUser, userHeader } from '../user-header.ts';

/**
 * `POST /jobs` and `GET /jobs/<run_id>`; on the host that runs the supervisor alone. A request that says
 * by `x-netra-user-id` for whom it is made sees that user's jobs only, and submits for that user only.
 */
export function jobRoutes(agents: HostAgents): Route[] {
  if (!agents.names().includes('supervisor')) return [];
  const supervisor = (): SupervisorAgent => {
    const agent = agents.get('supervisor');
    if (agent === undefined) throw new AgentError('AGENT_NOT_READY', 'the supervisor is not up yet');
    return agent as SupervisorAgent;
  };
  return [
    {
      method: 'POST',
      path: '/jobs',
      // Without the client's signal: one that goes away has not taken its job back.
      handle: async (request) => ({ status: 202, body: await supervisor().submit(await request.body(), call(request)) }),
    },
    {
      method: 'GET',
      path: '/jobs/*',
      handle: async (request) => ({ status: 200, body: await supervisor().view(request.segments[0] ?? '', { ...call(request), signal: request.signal }) }),
    },
  ];
}

function call(request: HttpRequest): CallOptions & { readonly correlationId: string; readonly userId?: string } {
  const userId = request.headers[userHeader];
  return { correlationId: request.correlationId, ...(typeof userId === 'string' ? { userId: decodeUser(userId) } : {}) };
}
