import { Ring } from './ring.ts';
import { dependencyNames, type AgentState, type DependencyState, type HostState, type ScreenState, type Tier } from './screen-state.ts';

const samplesKept = 480;
const marksKept = 400;
const tailKept = 400;
const errorsKept = 100;

export function newScreenState(): ScreenState {
  return {
    seq: 0,
    atMs: 0,
    header: { runId: '', command: '', scenario: '', description: '', provider: '', seed: '', control: false, jobsTotal: 0, phase: 'starting', verdict: undefined, interrupted: false, finishedAtMs: undefined },
    services: new Map(),
    hosts: new Map(),
    agents: new Map(),
    dependencies: new Map(dependencyNames.map((name): [typeof name, DependencyState] => [name, { name, byHost: new Map(), samples: new Ring(samplesKept), calls: 0, failures: 0 }])),
    breakers: new Map(),
    jobs: new Map(),
    counts: { submitted: 0, accepted: 0, reported: 0, refused: 0, overdue: 0, resumed: 0, checkpoints: 0, byLevel: new Map() },
    openJobs: new Set(),
    endedJobs: [],
    faults: [],
    marks: new Ring(marksKept),
    levels: [{ atMs: 0, level: 0, reason: '' }],
    tail: new Ring(tailKept),
    checks: [],
  };
}

export function newHost(host: string, atMs: number): HostState {
  return { host, role: host.replace(/-\d+$/, ''), status: 'starting', sinceMs: atMs, restarts: 0, level: 0, levelReason: '' };
}

export function newAgent(agent: string, host: string, atMs: number): AgentState {
  return { agent, host, tier: tierOf(agent, host), messages: 0, errors: 0, working: new Set(), sampledWorking: 0, lastAtMs: atMs, lastOperation: '', recentErrors: new Ring(errorsKept) };
}

/** By the host's role: a fleet of somebody else's has agents that no list here knows. */
function tierOf(agent: string, host: string): Tier {
  if (agent === 'supervisor') return 'supervisor';
  if (host.startsWith('reporting')) return 'reporting';
  return host.startsWith('business') ? 'business' : 'system';
}
