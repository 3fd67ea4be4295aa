import { DEADLINE_HEADER, deadlineFromWall } from '../../../core/deadline.ts';
import type { Clock } from '../../../core/clock.ts';
import { AgentError } from '../../agents/error-codes.ts';
import type { HostAgents } from '../host-agents.ts';
import type { Route } from '../http-server.ts';
import { decodeUser, userHeader } from '../user-header.ts';

/** `POST /agents/<name>/<action>`: the direct calls that level 2 falls back to. */
export function agentRoutes(host: string, agents: HostAgents, clock: Clock): Route[] {
  return [
    {
      method: 'POST',
      path: '/agents/*/*',
      handle: async (request) => {
        const [name = '', action = ''] = request.segments;
        const agent = agents.get(name);
        if (agent === undefined && agents.names().includes(name)) throw new AgentError('AGENT_NOT_READY', `agent ${name} is being started`);
        if (agent === undefined) throw new AgentError('AGENT_UNKNOWN', `host ${host} runs no agent '${name}'; it runs ${agents.names().join(', ')}`);
        const header = request.headers[DEADLINE_HEADER];
        const deadline = deadlineFromWall(clock, typeof header === 'string' ? header : undefined);
        const userId = request.headers[userHeader];
        const output = await agent.invoke(action, (await request.body()) ?? {}, {
          correlationId: request.correlationId,
          signal: request.signal,
          ...(deadline === undefined ? {} : { deadline }),
          ...(typeof userId === 'string' ? { userId: decodeUser(userId) } : {}),
        });
        return { status: 200, body: output as object };
      },
    },
  ];
}
