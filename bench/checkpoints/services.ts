import { systemClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import type { ResilienceSwitches } from '../../src/fleet/agents/resilience-switches.ts';
import type { AgentServices, Logger } from '../../src/fleet/agents/services.ts';
import { IoredisStore } from '../../src/fleet/connectors/redis/ioredis-store.ts';
import type { Llm, LlmRequest } from '../../src/fleet/connectors/llm/llm.ts';
import { ReliabilityManager } from '../../src/reliability/index.ts';

const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => silent };

const ignore = (): void => undefined;

const absent = (): never => {
  throw new Error('reporting alone is measured here');
};

/** What reporting needs of a host, with the host's own Redis connector. */
export function benchServices(port: number, llm: Llm | undefined, resilience: ResilienceSwitches): AgentServices & { readonly redis: IoredisStore } {
  const clock = systemClock;
  const rng = createRng('bench');
  const reliability = new ReliabilityManager({ clock, rng });
  return {
    config: { host: 'bench', role: 'reporting', runId: 'bench', seed: 'bench', resilience, jobConcurrency: 1, dataDir: undefined, stateDir: '.' },
    clock,
    rng,
    reliability,
    logger: silent,
    metrics: { count: ignore, observe: ignore },
    redis: new IoredisStore({ reliability, clock, rng, logger: silent, resilience, emit: ignore }, { url: `redis://127.0.0.1:${port}` }),
    get database(): never {
      return absent();
    },
    get bus(): never {
      return absent();
    },
    get llm(): Llm {
      return llm ?? absent();
    },
    ask: absent,
    emit: ignore,
    level: () => 0,
  };
}

/** Answers every section after `latencyMs`. */
export class TimedModel implements Llm {
  readonly state = { up: true } as const;
  latencyMs: number;
  readonly #text: string;

  constructor(latencyMs: number, text: string) {
    this.latencyMs = latencyMs;
    this.#text = text;
  }

  onStateChange(): () => void {
    return () => undefined;
  }

  async complete(request: LlmRequest): Promise<{ text: string; model: string; finishReason: 'stop'; promptTokens: number; completionTokens: number }> {
    if (this.latencyMs > 0) await systemClock.sleep(this.latencyMs, request.signal);
    return { text: this.#text, model: 'timed', finishReason: 'stop', promptTokens: 1, completionTokens: 1 };
  }

  async close(): Promise<void> {}
}
