import { hostname } from 'node:os';
import { join } from 'node:path';
import { nearest, Problems, type Problem } from '../../core/problems.ts';
import { hostRoles, readHostSettings, type HostSettings } from '../../fleet/host/config.ts';
import type { CommandInput } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../error-codes.ts';

/** Flags that say the same as a variable, and go before it. */
const flagOf: Readonly<Record<string, string>> = { NETRA_HTTP_PORT: '--port', NETRA_HTTP_HOST: '--bind', NETRA_ADVERTISED_HOST: '--advertise' };
/** Of a host that belongs to no run of a lab: what its log lines and events carry where they concern no job. */
const defaultRunId = 'fleet';

/** Settings of a host from flags and environment. Throws UsageError with everything that is wrong. */
export function hostSettings({ options, problems: wrongWords }: CommandInput, { environment, cwd }: Pick<CommandContext, 'environment' | 'cwd'>): HostSettings {
  const given = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  const role = given('role');
  const name = given('name') ?? `${role ?? 'host'}-${hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-')}`.slice(0, 100);
  const flags = { NETRA_HTTP_PORT: given('port'), NETRA_HTTP_HOST: given('bind'), NETRA_ADVERTISED_HOST: given('advertise') };
  const typed = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const settings = readHostSettings(['--role', role ?? '', '--name', name], {
    NETRA_RUN_ID: defaultRunId,
    NETRA_STATE_DIR: join(cwd, '.netra', 'hosts', name),
    ...environment,
    ...typed,
  });
  const found = settings instanceof Problems ? settings.list.map((problem) => asTyped(problem, typed, role)) : [];
  if (!(settings instanceof Problems) && wrongWords.length === 0) return settings;
  // A flag without its value is told once, by the words.
  throw new UsageError([...wrongWords, ...found.filter(({ where }) => !wrongWords.some((word) => word.where === where))]);
}

function asTyped(problem: Problem, typed: Readonly<Record<string, unknown>>, role: string | undefined): Problem {
  if (problem.where === '--role') {
    if (role === undefined) return { where: '--role', what: 'is needed', fix: `use one of ${hostRoles.join(', ')}` };
    const near = nearest(role, hostRoles);
    return near === undefined ? problem : { ...problem, fix: `did you mean ${near}?` };
  }
  const flag = flagOf[problem.where];
  return flag === undefined || typed[problem.where] === undefined ? problem : { ...problem, where: flag };
}
