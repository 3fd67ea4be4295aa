import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { Emitter } from '../../core/emitter.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { applyEvent } from '../model/apply-event.ts';
import { newScreenState } from '../model/new-state.ts';
import type { ScreenState } from '../model/screen-state.ts';
import type { FaultChoice, FaultRequest, RunTab } from '../ui/screen-props.ts';
import type { Notice, ScreenFrame, ScreenSource } from '../ui/screen-source.ts';
import type { UiAction } from '../ui/ui-state.ts';

/** What can be done to a run while it is under way; all of it may reject. */
export interface LiveControls {
  readonly choices: readonly FaultChoice[];
  /** Resolves with the id of the fault. */
  inject(request: FaultRequest): Promise<string>;
  heal(fault: string): Promise<void>;
  healAll(): Promise<void>;
}

export interface LiveSourceOptions {
  readonly clock: Clock;
  /** One for each run, in the order in which they are waiting; one label for a single run, which is shown nowhere. */
  readonly labels: readonly string[];
}

interface LiveRun {
  readonly label: string;
  state: ScreenState;
  /** Told while the frame stands still. */
  readonly held: JournalEvent[];
  /** Monotonic time of the run's start, as near as its events came to it. */
  startedAtMs: number;
  status: RunTab['status'];
  controls: LiveControls | undefined;
}

/**
 * Journals round times to tenths of a millisecond, up or down, and the start of the run is known as exactly. A frame is
 * dated so much earlier that nothing which has yet to happen can have its instant or one before: replayed, it is the same frame.
 */
const roundingMs = 0.2;

/** Runs under way: their journals folded as they are written. */
export class LiveSource implements ScreenSource {
  readonly #clock: Clock;
  readonly #runs: readonly LiveRun[];
  readonly #changed = new Emitter<undefined>();
  /** Which one was asked for; undefined follows whatever is under way. */
  #chosen: number | undefined;
  #pausedAtMs: number | undefined;

  constructor({ clock, labels }: LiveSourceOptions) {
    this.#clock = clock;
    this.#runs = labels.map((label) => ({ label, state: newScreenState(), held: [], startedAtMs: Number.POSITIVE_INFINITY, status: 'waiting', controls: undefined }));
  }

  /** An event of the run called `label`, as its journal was given it. */
  onEvent(label: string, event: JournalEvent): void {
    const run = this.#run(label);
    if (run === undefined) return;
    run.startedAtMs = Math.min(run.startedAtMs, this.#clock.monotonicMs() - event.mono_ms);
    if (event.type === 'run.started') run.status = 'running';
    if (event.type === 'run.finished') {
      run.status = event.verdict;
      run.controls = undefined;
    }
    if (this.#pausedAtMs === undefined) applyEvent(run.state, event);
    else run.held.push(event);
    if (run === this.#shown() || event.type === 'run.started' || event.type === 'run.finished') this.#changed.emit(undefined);
  }

  /** Faults can be injected from now on, until the run has ended. */
  setControls(label: string, controls: LiveControls): void {
    const run = this.#run(label);
    if (run !== undefined) run.controls = controls;
  }

  get moves(): boolean {
    return this.#pausedAtMs === undefined && this.#shown().status === 'running';
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  frame(): ScreenFrame {
    const run = this.#shown();
    return {
      state: run.state,
      nowMs: this.#instantOf(run),
      choices: run.controls?.choices ?? [],
      ...(this.#runs.length === 1 ? {} : { runs: { tabs: this.#runs.map(({ label, status }) => ({ label, status })), shown: this.#runs.indexOf(run) } }),
    };
  }

  act(action: UiAction): Promise<Notice | undefined> | undefined {
    const { controls } = this.#shown();
    if (action.kind === 'pause') this.#pause();
    if (action.kind === 'show-run') this.#step(action.step);
    if (action.kind === 'inject') return told(controls, async (given) => `${await given.inject(action.request)} is at work`);
    if (action.kind === 'heal') return told(controls, (given) => given.heal(action.fault).then(() => `${action.fault} is healed`));
    if (action.kind === 'heal-all') return told(controls, (given) => given.healAll().then(() => 'everything that was injected by hand is healed'));
    return undefined;
  }

  #step(step: 1 | -1): void {
    this.#chosen = Math.max(0, Math.min(this.#runs.length - 1, this.#runs.indexOf(this.#shown()) + step));
    this.#changed.emit(undefined);
  }

  /** The frame stands still, or catches up. */
  #pause(): void {
    if (this.#pausedAtMs === undefined) {
      this.#pausedAtMs = this.#clock.monotonicMs();
      return;
    }
    this.#pausedAtMs = undefined;
    for (const run of this.#runs) for (const event of run.held.splice(0)) applyEvent(run.state, event);
    this.#changed.emit(undefined);
  }

  /** Of the run: its end where it has one, the moment of the pause, or now. In tenths of a millisecond, as journals have it. */
  #instantOf(run: LiveRun): number {
    const { finishedAtMs } = run.state.header;
    if (finishedAtMs !== undefined) return finishedAtMs;
    if (run.startedAtMs === Number.POSITIVE_INFINITY) return 0;
    const elapsedMs = (this.#pausedAtMs ?? this.#clock.monotonicMs()) - run.startedAtMs - roundingMs;
    return Math.max(run.state.atMs, Math.round(elapsedMs * 10) / 10);
  }

  #run(label: string): LiveRun | undefined {
    return this.#runs.find((run) => run.label === label);
  }

  #shown(): LiveRun {
    const chosen = this.#chosen === undefined ? undefined : this.#runs[this.#chosen];
    const shown = chosen ?? this.#runs.find(({ status }) => status === 'running') ?? this.#runs.findLast(({ status }) => status !== 'waiting') ?? this.#runs[0];
    if (shown === undefined) throw new Error('a screen needs at least one run');
    return shown;
  }
}

async function told(controls: LiveControls | undefined, done: (controls: LiveControls) => Promise<string>): Promise<Notice> {
  if (controls === undefined) return { tone: 'bad', text: 'no fault can be injected now: the fleet is not at work' };
  try {
    return { tone: 'plain', text: await done(controls) };
  } catch (error) {
    return { tone: 'bad', text: asError(error).message };
  }
}
