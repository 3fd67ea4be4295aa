import { asError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../error-codes.ts';

const timeoutMs = 5_000;

/** The key for `--llm-url`: from the environment only, so that it is in no shell history and no journal. */
export function modelKey(environment: CommandContext['environment']): string | undefined {
  return environment.NETRA_LLM_API_KEY ?? environment.OPENAI_API_KEY;
}

/** Throws MODEL_UNREACHABLE where nothing answers at the URL or the key is refused; any other answer shows that something is there. */
export async function checkModel(url: string, context: CommandContext): Promise<void> {
  const key = modelKey(context.environment);
  const timeout = new AbortController();
  const cancel = context.clock.setTimer(timeoutMs, () => timeout.abort(new Error(`no answer within ${timeoutMs / 1_000} s`)));
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/models`, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.any([context.signal, timeout.signal]),
    });
    await response.body?.cancel();
    if (response.status === 401 || response.status === 403) {
      throw new CliError('MODEL_UNREACHABLE', `--llm-url ${url} refuses the key (${response.status}); set NETRA_LLM_API_KEY${key === undefined ? ', which is not set' : ''}`);
    }
  } catch (error) {
    if (error instanceof CliError || context.signal.aborted) throw error;
    const cause = asError(error).cause;
    throw new CliError('MODEL_UNREACHABLE', `--llm-url ${url} does not answer: ${cause instanceof Error ? cause.message : asError(error).message}`, { cause: error });
  } finally {
    cancel();
  }
}
