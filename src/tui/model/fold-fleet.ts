import type { JournalEvent } from '../../journal/events.ts';
import { newAgent, newHost } from './new-state.ts';
import type { AgentState, HostState, HostStatus, ScreenState } from './screen-state.ts';

/** Hosts and agents: who is there, who works, who failed. */
export function foldFleet(state: ScreenState, event: JournalEvent): void {
  switch (event.type) {
    case 'host.started': {
      const host = hostOf(state, event.host, event.mono_ms);
      host.restarts = event.restart;
      reach(host, 'starting', event.mono_ms);
      break;
    }
    case 'host.listening':
      reach(hostOf(state, event.host, event.mono_ms), 'listening', event.mono_ms);
      break;
    case 'host.ready':
      reach(hostOf(state, event.host, event.mono_ms), 'ready', event.mono_ms);
      break;
    case 'host.exited': {
      const host = hostOf(state, event.host, event.mono_ms);
      // A host that a fault killed was expected to go, and is a crash all the same; one that ends in order exits with 0.
      reach(host, event.exit_code === 0 ? 'ended' : 'crashed', event.mono_ms);
      host.level = 0;
      host.levelReason = '';
      for (const agent of state.agents.values()) if (agent.host === event.host) forget(agent);
      for (const [key, breaker] of state.breakers) if (breaker.host === event.host) state.breakers.delete(key);
      for (const dependency of state.dependencies.values()) dependency.byHost.delete(event.host);
      break;
    }
    case 'level.changed': {
      const host = hostOf(state, event.host, event.mono_ms);
      host.level = event.to;
      host.levelReason = event.reason;
      break;
    }
    case 'agent.started': {
      const agent = agentOf(state, event);
      if (agent === undefined || event.operation === undefined) break;
      agent.messages += 1;
      agent.lastOperation = event.operation;
      agent.working.add(workKey(event));
      break;
    }
    case 'agent.thinking': {
      const agent = agentOf(state, event);
      if (agent === undefined) break;
      agent.lastOperation = event.section === undefined ? event.operation : `${event.operation}: ${event.section}`;
      if (event.job_id !== undefined) agent.working.add(workKey(event));
      break;
    }
    case 'agent.completed': {
      const agent = agentOf(state, event);
      agent?.working.delete(workKey(event));
      break;
    }
    case 'agent.error': {
      const agent = agentOf(state, event);
      if (agent === undefined) break;
      agent.errors += 1;
      agent.working.delete(workKey(event));
      const { code, message, severity, recovery } = event.error;
      agent.recentErrors.push({ atMs: event.mono_ms, seq: event.seq, operation: event.operation, code, message, severity, recovery, jobId: event.job_id, correlationId: event.correlation_id });
      break;
    }
    case 'agent.sampled': {
      const agent = agentOf(state, event);
      if (agent === undefined) break;
      agent.messages += event.messages;
      agent.errors += event.errors;
      agent.sampledWorking = event.working;
      for (const { operation, code, message, correlation_id } of event.failed ?? []) {
        agent.recentErrors.push({ atMs: event.mono_ms, seq: event.seq, operation, code, message, severity: '', recovery: '', jobId: undefined, correlationId: correlation_id });
      }
      break;
    }
  }
}

function hostOf(state: ScreenState, name: string, atMs: number): HostState {
  const known = state.hosts.get(name);
  if (known !== undefined) return known;
  const host = newHost(name, atMs);
  state.hosts.set(name, host);
  return host;
}

function reach(host: HostState, status: HostStatus, atMs: number): void {
  host.status = status;
  host.sinceMs = atMs;
}

function agentOf(state: ScreenState, event: JournalEvent & { readonly host: string; readonly agent?: string }): AgentState | undefined {
  if (event.agent === undefined) return undefined;
  const key = `${event.host}/${event.agent}`;
  const known = state.agents.get(key);
  const agent = known ?? newAgent(event.agent, event.host, event.mono_ms);
  if (known === undefined) state.agents.set(key, agent);
  agent.lastAtMs = event.mono_ms;
  return agent;
}

/** Several jobs may be under way with one agent. */
function workKey(event: { readonly job_id?: string; readonly correlation_id?: string }): string {
  return event.job_id ?? event.correlation_id ?? '';
}

/** Its process is gone, and with it what it was at. */
function forget(agent: AgentState): void {
  agent.working.clear();
  agent.sampledWorking = 0;
}
