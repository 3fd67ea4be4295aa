import type { Clock } from '../../core/clock.ts';
import type { FaultHealed } from '../../journal/events.ts';
import type { JournalWriter } from '../../journal/writer.ts';
import { findFault } from '../faults/index.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ActiveFaults } from './active-faults.ts';
import { ControlEvents } from './control-events.ts';
import type { FaultBench } from './fault-bench.ts';
import { occurrenceRng, planOccurrences } from './fault-plan.ts';
import type { FleetDriver } from './fleet-driver.ts';
import { GuardrailWatch } from './guardrail-watch.ts';
import { checkStartedUnderFault, checkSteadyState, isSteadyJob } from './steady-state.ts';
import { Timeline } from './timeline.ts';
import type { JobSpec } from './workload.ts';

export interface ExperimentPlan {
  readonly scenario: Scenario;
  readonly seed: string;
  /** The fleet is the control group: without checkpoints, other events stand in for theirs. */
  readonly control: boolean;
}

export interface ExperimentOptions extends ExperimentPlan {
  readonly runId: string;
  readonly driver: FleetDriver;
  readonly journal: JournalWriter;
  readonly clock: Clock;
  /** Where its faults are made, and those at work, others than its own included: they end with it. */
  readonly bench: FaultBench;
  readonly faults: ActiveFaults;
  readonly jobs: readonly JobSpec[];
  readonly supervisorHost: string;
  readonly signal: AbortSignal;
}

/** A scenario at work on a fleet: steady state, the jobs and the faults side by side, healing, steady state again. */
export class Experiment implements Disposable {
  readonly #options: ExperimentOptions;
  readonly #timeline: Timeline;
  readonly #guardrails: GuardrailWatch;
  readonly #unsubscribe: () => void;

  constructor(options: ExperimentOptions) {
    this.#options = options;
    const { scenario, seed, journal, clock, runId, bench, faults } = options;
    const stand = options.control ? new ControlEvents() : undefined;
    this.#timeline = new Timeline({
      occurrences: planOccurrences(scenario, seed),
      clock,
      faults,
      append: (fact) => journal.append(fact),
      inject: ({ fault, occurrence }, target, signal) =>
        bench.inject({ type: fault.type, name: `${fault.id}-${occurrence}`, target, parameters: fault.parameters, rng: occurrenceRng(seed, fault, occurrence) }, signal),
      isMomentary: ({ fault }) => findFault(fault.type)?.momentary === true,
      counts: (event) => !('job_id' in event && typeof event.job_id === 'string' && isSteadyJob(event.job_id, runId)),
      ...(stand === undefined ? {} : { standsFor: (event) => stand.standsFor(event) }),
    });
    this.#guardrails = new GuardrailWatch(scenario.guardrails, clock, (guardrail, detail) => {
      journal.append({ type: 'guardrail.tripped', guardrail, detail });
      void this.heal();
    });
    this.#unsubscribe = journal.onEvent((event) => {
      this.#guardrails.onEvent(event);
      this.#timeline.onEvent(event);
    });
  }

  /** Faults under which the hosts are started. */
  precedeFleet(): Promise<void> {
    return this.#timeline.precede();
  }

  /** With a ready fleet. Where there is no steady state to disturb, nothing is done and nothing is broken. */
  async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const reportLevel = await this.#steadyBefore();
    if (reportLevel === undefined) return;
    this.#timeline.begin();
    await this.#work(work);
    await this.heal('end');
    const { fact } = await this.#steady('after', reportLevel === '' ? undefined : reportLevel);
    this.#options.journal.append(fact);
  }

  /** Takes back what is left, in reverse order. */
  heal(reason: FaultHealed['reason'] = 'interrupted'): Promise<void> {
    this.#guardrails.close();
    return this.#timeline.end(reason);
  }

  [Symbol.dispose](): void {
    this.#guardrails.close();
    this.#unsubscribe();
  }

  /** The level of the report that was made; empty where there was no fleet to ask before the first fault, undefined where the state is not steady. */
  async #steadyBefore(): Promise<string | undefined> {
    const { scenario, journal, driver, clock, signal } = this.#options;
    const preceding = scenario.faults.filter(({ start }) => start.kind === 'before-fleet');
    if (preceding.length > 0) {
      const fact = await checkStartedUnderFault({ driver, withinMs: scenario.steadyState.withinMs, clock, signal }, preceding.map(({ target }) => target));
      journal.append(fact);
      return fact.met ? '' : undefined;
    }
    const { fact, reportLevel } = await this.#steady('before');
    journal.append(fact);
    return reportLevel;
  }

  #steady(phase: 'before' | 'after', reportLevel?: string): ReturnType<typeof checkSteadyState> {
    const { driver, supervisorHost, runId, jobs, scenario, clock, signal } = this.#options;
    const [job] = jobs;
    if (job === undefined) throw new Error('a scenario needs at least one job');
    return checkSteadyState({ phase, driver, supervisorHost, runId, job, withinMs: scenario.steadyState.withinMs, clock, signal, ...(reportLevel === undefined ? {} : { reportLevel }) });
  }

  async #work(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { scenario, journal, clock, signal } = this.#options;
    const over = new AbortController();
    const cancel = clock.setTimer(scenario.timeLimitMs, () => {
      journal.append({ type: 'guardrail.tripped', guardrail: 'time-limit', detail: `the jobs were not done within ${scenario.timeLimitMs} ms` });
      over.abort(new Error('the time limit of the scenario is over'));
    });
    try {
      await work(AbortSignal.any([signal, over.signal]));
    } catch (error) {
      if (signal.aborted || !over.signal.aborted) throw error;
    } finally {
      cancel();
    }
  }
}
