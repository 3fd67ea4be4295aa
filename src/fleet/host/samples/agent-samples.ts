import type { AgentSampledEvent } from '../../../journal/fleet-events.ts';
import type { AgentActivity } from '../../agents/agent-activity.ts';

/** As much of an agent as is sampled. */
interface SampledAgent {
  readonly name: string;
  readonly activity: AgentActivity;
}

/** Told at a time: what a host with many agents says must not grow with their number. The others come in the samples after. */
const agentsAtOnce = 4;

/** What agents have done since the sample before, those with errors first, then those of whom nothing was said for longest. */
export class AgentSamples {
  readonly #agents: () => readonly SampledAgent[];
  readonly #startedAtMs: number;
  /** Those that were replaced stay until the last of them is told. */
  #known: ReadonlySet<SampledAgent> = new Set();
  readonly #toldAtMs = new Map<string, number>();

  constructor(agents: () => readonly SampledAgent[], nowMs: number) {
    this.#agents = agents;
    this.#startedAtMs = nowMs;
  }

  /** @param limit @default 4 */
  take(nowMs: number, limit = agentsAtOnce): Omit<AgentSampledEvent, 'at' | 'host' | 'event_no'>[] {
    const known = new Set([...this.#known].filter(({ activity }) => activity.isNew)).union(new Set(this.#agents()));
    this.#known = known;
    const waiting = [...known].filter(({ activity }) => activity.isNew);
    const due = waiting.toSorted((left, right) => Number(right.activity.errors > 0) - Number(left.activity.errors > 0) || this.#since(left) - this.#since(right)).slice(0, limit);
    return due.map((agent) => {
      const { failed, ...counts } = agent.activity.take();
      const intervalMs = Math.round(nowMs - this.#since(agent));
      this.#toldAtMs.set(agent.name, nowMs);
      return { type: 'agent_sampled', agent: agent.name, interval_ms: intervalMs, ...counts, ...(failed.length === 0 ? {} : { failed }) };
    });
  }

  #since({ name }: SampledAgent): number {
    return this.#toldAtMs.get(name) ?? this.#startedAtMs;
  }
}
