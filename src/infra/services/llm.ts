import { join } from 'node:path';
import { InfraUnavailable } from '../error-codes.ts';
import type { LlmOptions } from '../provider.ts';
import type { ServiceDefinition } from './service.ts';

/** What hosts ask for where the user names no model: the built-in one, or the first that the user's server lists. */
const DEFAULT_MODEL = 'netra-builtin';

function modelName({ model }: LlmOptions): string {
  return model ?? DEFAULT_MODEL;
}

export function llmLogPath(logsDir: string): string {
  return join(logsDir, 'llm.ndjson');
}

export const llm: ServiceDefinition = {
  name: 'llm',
  embedded: {
    process: 'shared',
    async start({ clock, seed, logsDir, llm: options, hostKey, alsoListenOn, warn }) {
      const { startLlmGateway } = await import('../embedded/llm/gateway.ts');
      const { url, apiKey, model, latencyMs, tokensPerSecond } = options;
      const forward = url === undefined ? undefined : { baseUrl: url, ...(apiKey === undefined ? {} : { apiKey }), models: { [DEFAULT_MODEL]: model ?? null } };
      const gateway = await startLlmGateway({
        clock,
        seed,
        latencyMs,
        tokensPerSecond,
        logPath: llmLogPath(logsDir),
        apiKey: hostKey,
        model: modelName(options),
        ...(forward === undefined ? {} : { forward }),
        ...(alsoListenOn === undefined ? {} : { alsoHost: alsoListenOn }),
        onWarning: warn,
      });
      const endpoint = { host: gateway.host, port: gateway.port };
      return { direct: endpoint, upstream: gateway.also ?? endpoint, [Symbol.asyncDispose]: () => gateway.close() };
    },
  },
  async probe({ host, port }, { hostKey }, signal) {
    const answer = await fetch(`http://${host}:${port}/v1/models`, { headers: { authorization: `Bearer ${hostKey}`, connection: 'close' }, signal });
    const text = await answer.text();
    // A server that lists no models (404) may still answer questions; one that is not there does not.
    if (answer.status < 500) return;
    throw new InfraUnavailable(messageOf(text) ?? `The LLM answers with status ${answer.status}.`);
  },
  hostEnvironment: ({ host, port }, { llm: options, hostKey }) => ({
    NETRA_LLM_BASE_URL: `http://${host}:${port}/v1`,
    NETRA_LLM_API_KEY: hostKey,
    NETRA_LLM_MODEL: modelName(options),
  }),
};

function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined; // An HTML page, say; the caller names the status instead.
  }
}
