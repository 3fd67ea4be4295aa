import type { ChalkInstance } from 'chalk';
import type { VerdictStatus } from '../../journal/events.ts';
import type { ScreenState } from '../model/screen-state.ts';
import type { UiState } from './ui-state.ts';

/** One parameter of a fault, as the menu asks for it; every value is a text until it is parsed. */
export interface FaultParameterForm {
  readonly name: string;
  readonly kind: 'number' | 'duration' | 'text' | 'boolean' | 'choice';
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly description?: string;
  readonly optional: boolean;
}

/** A fault that can be injected by hand. */
export interface FaultChoice {
  readonly type: string;
  readonly family: string;
  readonly summary: string;
  /** Empty where the fault takes no target. */
  readonly targets: readonly string[];
  /** Over as soon as it is done: it has no length. */
  readonly momentary: boolean;
  readonly parameters: readonly FaultParameterForm[];
}

export interface FaultRequest {
  readonly type: string;
  readonly target: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Seconds as typed; empty until healed by hand. */
  readonly length: string;
}

/** Where a recorded journal is being played. */
export interface PlayerBar {
  readonly positionMs: number;
  readonly lengthMs: number;
  readonly playing: boolean;
  readonly speed: number;
  /** Of the last event shown, and how many there are. */
  readonly seq: number;
  readonly events: number;
  readonly marks: readonly { readonly atMs: number; readonly kind: 'fault' | 'failure' }[];
}

/** One of several runs of a command. */
export interface RunTab {
  readonly label: string;
  readonly status: 'waiting' | 'running' | VerdictStatus;
}

/** Everything that a frame is made of: the same props give the same frame. */
export interface ScreenProps {
  /** Changed in place between frames. */
  readonly state: ScreenState;
  /** mono_ms of the instant that is shown; at least `state.atMs`. */
  readonly nowMs: number;
  readonly ui: UiState;
  readonly columns: number;
  readonly rows: number;
  /** Level 0 where no colour is wanted, 1 on terminals of 16 colours. */
  readonly paint: ChalkInstance;
  /** Empty where no fault can be injected: on replay, and before the fleet is there. */
  readonly choices: readonly FaultChoice[];
  readonly player?: PlayerBar | undefined;
  /** Absent for a single run. */
  readonly runs?: { readonly tabs: readonly RunTab[]; readonly shown: number } | undefined;
}
