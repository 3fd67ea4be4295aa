import type { ScreenState } from '../model/screen-state.ts';
import type { FaultChoice, PlayerBar, RunTab } from './screen-props.ts';
import type { UiAction, UiState } from './ui-state.ts';

/** One line for whoever has asked for something. */
export type Notice = NonNullable<UiState['notice']>;

/** What is to be shown at the moment at which it is asked for. */
export interface ScreenFrame {
  /** Changed in place, or replaced by another, until the frame is asked for again. */
  readonly state: ScreenState;
  /** mono_ms of the instant that is shown; at least `state.atMs`. */
  readonly nowMs: number;
  /** Empty where no fault can be injected. */
  readonly choices: readonly FaultChoice[];
  /** Absent where nothing is replayed. */
  readonly player?: PlayerBar | undefined;
  /** Absent for a single run. */
  readonly runs?: { readonly tabs: readonly RunTab[]; readonly shown: number } | undefined;
}

/** Where a screen gets what it shows, and what it tells of keys: a run under way, or a journal that is played. */
export interface ScreenSource {
  /** Asked for once each time the screen is painted. */
  frame(): ScreenFrame;
  /**
   * Takes what concerns it and leaves the rest alone; `quit` is told to whoever waits for it.
   * @returns what it came to, where there is anything to tell; never rejects
   */
  act(action: UiAction): Promise<Notice | undefined> | void;
  /** Clocks run: a frame is wanted once a second even where nothing is told. @default false */
  readonly moves?: boolean;
  /**
   * Tells that a new frame is worth painting; how often it is painted is the screen's matter. Says so too
   * where nothing but the time has moved on, as far as that is to be seen.
   * @returns stops it
   */
  onChange(listener: () => void): () => void;
}
