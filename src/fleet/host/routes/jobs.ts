import type { SupervisorAgent } from '../../agents/system/supervisor.ts';
import { AgentError } from '../../agents/error-codes.ts';
import type { HostAgents } from '../host-agents.ts';
import type { Route } from '../http-server.ts';

/** `POST /jobs` and `GET /jobs/<run_id>`; on the host that runs the supervisor. */
export function jobRoutes(agents: HostAgents): Route[] {
  const supervisor = (): SupervisorAgent => {
    const agent = agents.get('supervisor');
    if (agent === undefined) throw new AgentError('AGENT_UNKNOWN', 'the supervisor is not up yet; try again', { retriable: true });
    return agent as SupervisorAgent;
  };
  return [
    {
      method: 'POST',
      path: '/jobs',
      handle: async (request) => ({ status: 202, body: await supervisor().submit(await request.body(), { correlationId: request.correlationId }) }),
    },
    {
      method: 'GET',
      path: '/jobs/*',
      handle: async (request) => ({ status: 200, body: await supervisor().view(request.segments[0] ?? '', { correlationId: request.correlationId, signal: request.signal }) }),
    },
  ];
}
