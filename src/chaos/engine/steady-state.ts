import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { SteadyChecked } from '../../journal/events.ts';
import { FleetCallError } from './fleet-client.ts';
import type { FleetDriver } from './fleet-driver.ts';
import type { JobSpec } from './workload.ts';

const pollMs = 50;

export interface SteadyStateOptions {
  readonly phase: SteadyChecked['phase'];
  readonly driver: FleetDriver;
  readonly supervisorHost: string;
  readonly runId: string;
  /** Whose question is asked; it is no job of the workload. */
  readonly job: JobSpec;
  /** Level that the report must have, such as the one of the check before; any report that succeeds where it is left out. */
  readonly reportLevel?: string;
  readonly withinMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface SteadyState {
  readonly fact: SteadyChecked;
  readonly reportLevel?: string;
}

/**
 * Waits until every host is at level 0 with all its dependencies, and a job gets its report. What is missing when
 * time is up is told in the fact; throws only when the signal aborts.
 */
export async function checkSteadyState(options: SteadyStateOptions): Promise<SteadyState> {
  const { phase, clock, withinMs, signal } = options;
  const startedAtMs = clock.monotonicMs();
  const late = new AbortController();
  const cancel = clock.setTimer(withinMs, () => late.abort(new Error('time is up')));
  const either = AbortSignal.any([signal, late.signal]);
  const told = (met: boolean, detail: string): SteadyChecked => ({ type: 'steady.checked', phase, met, waited_ms: Math.round(clock.monotonicMs() - startedAtMs), detail });
  let missing = 'nothing was looked at yet';
  try {
    for (let attempt = 1; ; attempt++) {
      for (;;) {
        const wrong = await unsteadyHosts(options, either);
        if (wrong.length === 0) break;
        missing = wrong.join('; ');
        await clock.sleep(pollMs, either);
      }
      missing = 'its job has no report';
      const level = await reportOf(options, attempt, either);
      if (options.reportLevel === undefined || level === options.reportLevel) return { fact: told(true, `level 0 on all hosts, and a ${level} report`), reportLevel: level };
      missing = `its report is ${level}, and was ${options.reportLevel} before`;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = late.signal.aborted ? missing : asError(error).message;
    return { fact: told(false, notMet(options, reason)) };
  } finally {
    cancel();
  }
}

/**
 * The same for a fleet that was started under a fault: waits until no host is without any dependency but `broken`.
 * Nobody is asked for a report. Throws only when the signal aborts.
 */
export async function checkStartedUnderFault(options: HostsOptions, broken: readonly string[]): Promise<SteadyChecked> {
  const { missing, waitedMs } = await hostsSteady(options, broken);
  const detail = missing === '' ? `every service answered through its proxy before the fault; the fleet was started under it and lacks nothing but ${broken.join(', ')}` : notMet(options, missing);
  return { type: 'steady.checked', phase: 'before', met: missing === '', waited_ms: waitedMs, detail };
}

/** After faults that no scenario planned: waits until every host is at level 0 with all its dependencies. Nobody is asked for a report. Throws only when the signal aborts. */
export async function checkSettled(options: HostsOptions): Promise<SteadyChecked> {
  const { missing, waitedMs } = await hostsSteady(options, []);
  return { type: 'steady.checked', phase: 'after', met: missing === '', waited_ms: waitedMs, detail: missing === '' ? 'level 0 on all hosts' : notMet(options, missing) };
}

type HostsOptions = Pick<SteadyStateOptions, 'driver' | 'withinMs' | 'clock' | 'signal'>;

/** What was missing when time was up; empty where nothing was. */
async function hostsSteady(options: HostsOptions, broken: readonly string[]): Promise<{ missing: string; waitedMs: number }> {
  const { clock, withinMs, signal } = options;
  const startedAtMs = clock.monotonicMs();
  for (;;) {
    const wrong = await unsteadyHosts(options, signal, broken);
    const waitedMs = Math.round(clock.monotonicMs() - startedAtMs);
    if (wrong.length === 0 || waitedMs >= withinMs) return { missing: wrong.join('; '), waitedMs };
    await clock.sleep(pollMs, signal);
  }
}

function notMet({ withinMs }: Pick<SteadyStateOptions, 'withinMs'>, missing: string): string {
  return `not met within ${withinMs} ms: ${missing}`;
}

/** What is wrong with each host that is not at level 0 with all its dependencies; `broken` ones may be missing, and the level is what it is then. */
async function unsteadyHosts({ driver }: Pick<SteadyStateOptions, 'driver'>, signal: AbortSignal, broken: readonly string[] = []): Promise<string[]> {
  const states = await Promise.all(
    driver.hosts().map(async (host) => {
      const url = driver.url(host);
      if (url === undefined) return [`${host} is not there`];
      try {
        const { level, dependencies } = await driver.client.detail(url, signal);
        const down = Object.entries(dependencies).flatMap(([name, { up }]) => (up === false && !broken.includes(name) ? [name] : []));
        if (level !== 0 && broken.length === 0) return [`${host} is at level ${level}${down.length === 0 ? '' : ` without ${down.join(', ')}`}`];
        return down.length === 0 ? [] : [`${host} is without ${down.join(', ')}`];
      } catch (error) {
        if (!(error instanceof FleetCallError)) throw error;
        return [`${host}: ${error.message}`];
      }
    }),
  );
  return states.flat();
}

/** The level of the report of one job, which is given to the fleet now. */
async function reportOf(options: SteadyStateOptions, attempt: number, signal: AbortSignal): Promise<string> {
  const { driver, supervisorHost, runId, phase, job, clock } = options;
  const jobId = `${runId}-steady-${phase}${attempt === 1 ? '' : `-${attempt}`}`;
  const body = { run_id: jobId, user_id: job.userId, question: job.question, period: job.period };
  for (let accepted = false; ; ) {
    const url = driver.url(supervisorHost);
    try {
      if (url !== undefined && !accepted) {
        await driver.client.submit(url, body, signal);
        accepted = true;
      }
      const view = url === undefined ? undefined : await driver.client.job(url, jobId, signal);
      if (view?.status === 'completed') return view.result?.success === true ? String(view.result.level) : 'failed';
    } catch (error) {
      // Not there or not willing yet: asked again until time is up.
      if (!(error instanceof FleetCallError)) throw error;
    }
    await clock.sleep(pollMs, signal);
  }
}

/** Whether a job id is one of these checks' own, and no part of the workload. */
export function isSteadyJob(jobId: string, runId: string): boolean {
  return jobId.startsWith(`${runId}-steady-`);
}
