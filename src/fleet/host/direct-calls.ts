import { z } from 'zod';
import { DEADLINE_HEADER, deadlineAfter } from '../../core/deadline.ts';
import type { Clock } from '../../core/clock.ts';
import type { DirectCall } from '../agents/ask.ts';
import { AgentError, RemoteAgentError } from '../agents/error-codes.ts';
import { remoteErrorSchema } from '../agents/messages.ts';
import { userHeader } from './user-header.ts';
import type { FleetConfig } from '../agents/services.ts';

/** For a caller that sets no deadline. */
const defaultTimeoutMs = 15_000;

const errorAnswer = z.object({ error: remoteErrorSchema });

export interface DirectCallOptions {
  readonly clock: Clock;
  readonly peers: { urls(role: FleetConfig['role']): Promise<readonly string[]> };
  readonly token: string | undefined;
  readonly roleOf: (agent: string) => FleetConfig['role'] | undefined;
}

/** `POST <host>/agents/<agent>/<action>` at the first host of the agent's role that can be reached (level 2). */
export function createDirectCall(options: DirectCallOptions): DirectCall {
  return async (agent, action, input, call) => {
    const role = options.roleOf(agent);
    const urls = role === undefined ? [] : await options.peers.urls(role);
    const deadline = call.deadline ?? deadlineAfter(options.clock, defaultTimeoutMs);
    let lastError: unknown;
    // Another host is no second attempt at the same thing: one that refuses the connection has done nothing.
    for (const url of urls) {
      const timeout = new AbortController();
      const cancelTimer = options.clock.setTimer(deadline.remainingMs(), () => timeout.abort(new AgentError('AGENT_NO_REPLY', `${agent}.${action} was asked directly and has not answered in time`)));
      try {
        const response = await fetch(`${url}/agents/${encodeURIComponent(agent)}/${encodeURIComponent(action)}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-correlation-id': call.correlationId,
            [DEADLINE_HEADER]: String(deadline.toWallMs()),
            ...(call.userId === undefined ? {} : { [userHeader]: encodeURIComponent(call.userId) }),
            ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          },
          body: JSON.stringify(input),
          signal: call.signal === undefined ? timeout.signal : AbortSignal.any([call.signal, timeout.signal]),
        });
        const body: unknown = await response.json();
        if (response.ok) return body;
        const remote = errorAnswer.safeParse(body);
        if (!remote.success) throw new AgentError('AGENT_FAILED', `${url} answered ${response.status} with no error body`);
        // Another host of the role may be up; every other answer is the agent's own.
        if (remote.data.error.code === 'AGENT_NOT_READY') throw new AgentError('AGENT_NOT_READY', remote.data.error.message);
        throw new RemoteAgentError(agent, remote.data.error);
      } catch (error) {
        if (error instanceof RemoteAgentError || call.signal?.aborted === true) throw error;
        if (timeout.signal.aborted) throw timeout.signal.reason;
        lastError = error;
      } finally {
        cancelTimer();
      }
    }
    throw new AgentError('AGENT_UNREACHABLE', `${agent} cannot be reached directly: ${urls.length === 0 ? `no ${role ?? 'unknown'} host is known` : `tried ${urls.join(', ')}`}`, { cause: lastError });
  };
}
