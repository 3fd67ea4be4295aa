import { nearest, type Problems } from '../core/problems.ts';
import { allowFix, hostsOf, refusalText, refusedHosts } from '../infra/providers/external/guard.ts';
import { readExternalTargets, targetFlags } from '../infra/providers/external/read-targets.ts';
import type { ExternalTargets } from '../infra/providers/external/targets.ts';
import type { InfraProvider } from '../infra/provider.ts';
import { chooseProvider, infraChoices, type InfraChoice } from '../infra/providers/index.ts';
import type { CommandInput } from './command.ts';
import type { CommandContext } from './context.ts';

/** Flags that say where services come from; the same for every command that starts a fleet. */
export interface InfraFlags {
  readonly infra: InfraChoice;
  /** Services stay up at the end. */
  readonly keep: boolean;
  /** A model of the user's own; both or neither. */
  readonly llmUrl: string | undefined;
  readonly llmModel: string | undefined;
}

const hostShape = /^[A-Za-z0-9_.:-]{1,253}$/;

/** Adds every problem to `problems`; what is returned is of use only where there is none. */
export function readInfraFlags({ options }: CommandInput, problems: Problems): InfraFlags {
  const infra = typeof options.infra === 'string' ? options.infra : 'auto';
  if (!(infraChoices as readonly string[]).includes(infra)) {
    const near = nearest(infra, infraChoices);
    problems.add('--infra', `'${infra}' is no provider`, near === undefined ? `use ${infraChoices.join(', ')}` : `did you mean ${near}?`);
  } else if (infra !== 'external') {
    for (const name of [...targetFlags, 'allowHosts'] as const) {
      if (options[name] !== undefined) problems.add(name === 'allowHosts' ? '--allow-hosts' : `--${name}`, `does not go with --infra ${infra}`, 'add --infra external, or leave it out');
    }
  }
  const keep = options.keep === true;
  if (keep && infra !== 'containers' && infra !== 'auto') problems.add('--keep', `does not go with --infra ${infra}`, infra === 'external' ? 'leave it out: services that are there already stay up' : 'add --infra containers, or leave it out');
  return { infra: infra as InfraChoice, keep, ...readModelFlags(options, problems) };
}

/** The services of `--infra external`; undefined for other providers, and where there is a problem. `allowHosts` is undefined where nothing is going to be broken. */
export function readTargets({ options }: CommandInput, { infra }: InfraFlags, environment: CommandContext['environment'], allowHosts: readonly string[] | undefined, problems: Problems): ExternalTargets | undefined {
  if (infra !== 'external') return undefined;
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  return readExternalTargets({ redis: text('redis'), kafka: text('kafka'), postgres: text('postgres'), toxiproxy: text('toxiproxy') }, environment, problems, allowHosts);
}

/** The provider that flags and environment ask for. What `auto` comes to, and why, is told where progress is; throws as `chooseProvider` does. */
export async function chooseInfra({ infra, keep, quiet, json }: InfraFlags & { readonly quiet: boolean; readonly json: boolean }, targets: ExternalTargets | undefined, { environment, clock, signal, stdout, stderr }: CommandContext): Promise<InfraProvider> {
  const tell = (line: string): void => {
    if (!quiet) (json ? stderr : stdout).write(`${line}\n`);
  };
  const { provider, reason } = await chooseProvider({ choice: infra, environment, clock, signal, keep, onProgress: tell, ...(targets === undefined ? {} : { external: targets }) });
  if (infra === 'auto') tell(reason);
  return provider;
}

/** Hosts of `--allow-hosts` and NETRA_ALLOW_HOSTS. */
export function readAllowedHosts({ options }: CommandInput, environment: CommandContext['environment'], problems: Problems): string[] {
  const read = (where: string, text: string | true | undefined): string[] => {
    if (typeof text !== 'string') return [];
    const hosts = text.split(',').map((host) => host.trim()).filter((host) => host !== '');
    if (hosts.length === 0 && where.startsWith('--')) problems.add(where, 'is empty', 'name hosts, separated by commas');
    for (const host of hosts) if (!hostShape.test(host)) problems.add(where, `'${host}' is no host`, 'write names or addresses without scheme and port');
    return hosts;
  };
  return [...read('--allow-hosts', options.allowHosts), ...read('NETRA_ALLOW_HOSTS', environment.NETRA_ALLOW_HOSTS)];
}

/** Faults act on nobody else's machine: all hosts that are neither this one nor allowed are one problem. */
export async function checkHosts(targets: ExternalTargets, signal: AbortSignal, problems: Problems): Promise<void> {
  if (targets.allowHosts === undefined) return;
  const refused = await refusedHosts(hostsOf(targets), targets.allowHosts, signal);
  if (refused.length > 0) problems.add('--infra external', `chaos ${refusalText(refused)}`, allowFix);
}

function readModelFlags(options: CommandInput['options'], problems: Problems): Pick<InfraFlags, 'llmUrl' | 'llmModel'> {
  const text = (name: string, flag: string): string | undefined => {
    const value = options[name];
    if (typeof value !== 'string') return undefined;
    if (value.trim() !== '' && value.length <= maxLength && !value.includes('\0')) return value;
    if (value.trim() === '') problems.add(flag, 'is empty', 'give it a value or leave it out');
    else problems.add(flag, value.length > maxLength ? `is ${value.length} characters long` : 'holds a NUL character', `use at most ${maxLength} characters of text`);
    return undefined;
  };
  const llmUrl = text('llmUrl', '--llm-url');
  if (llmUrl !== undefined) checkUrl(llmUrl, problems);
  const llmModel = text('llmModel', '--llm-model');
  if (options.llmUrl === undefined && llmModel !== undefined) problems.add('--llm-model', 'names a model of --llm-url, which is not given', 'add --llm-url or leave it out');
  if (llmUrl !== undefined && options.llmModel === undefined) problems.add('--llm-url', 'needs the name of a model', 'add --llm-model <name>');
  return { llmUrl, llmModel };
}

const maxLength = 4_096;

function checkUrl(value: string, problems: Problems): void {
  const flag = '--llm-url';
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) problems.add(flag, `'${value}' is no http(s) URL`, 'give the base URL, for example http://127.0.0.1:11434/v1');
  // Not shown: it holds what nobody else should read.
  else if (url.username !== '' || url.password !== '') problems.add(flag, 'holds a user name or a password', 'put the key into NETRA_LLM_API_KEY');
  else if (url.search !== '' || url.hash !== '') problems.add(flag, 'holds more than a base URL', 'leave out what begins with ? or #');
}
