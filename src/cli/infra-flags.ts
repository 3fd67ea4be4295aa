import type { OptionSpec } from './command.ts';

/** Of every command that starts a fleet. */
export const llmFlags: readonly OptionSpec[] = [
  { flags: '--llm-url <url>', description: 'an OpenAI-compatible model, its key in NETRA_LLM_API_KEY or OPENAI_API_KEY', defaultText: 'the built-in model' },
  { flags: '--llm-model <name>', description: 'which model to ask for at --llm-url' },
];

export const infraFlags: readonly OptionSpec[] = [
  { flags: '--infra <provider>', description: 'auto, containers, embedded or external', defaultText: 'auto' },
  { flags: '--keep', description: 'with containers: leaves them up and says how to reach them' },
  { flags: '--redis <url>', description: 'with external: redis:// or rediss://, its password in NETRA_REDIS_PASSWORD' },
  { flags: '--kafka <brokers>', description: 'with external: host:port, several separated by commas' },
  { flags: '--postgres <url>', description: 'with external: postgres://user@host/database, its password in NETRA_POSTGRES_PASSWORD' },
  { flags: '--toxiproxy <url>', description: 'with external: API of a Toxiproxy of your own', defaultText: 'one is started' },
];

export const allowHostsFlag: OptionSpec = { flags: '--allow-hosts <hosts>', description: 'with external: hosts beyond this machine that may be broken, separated by commas' };
