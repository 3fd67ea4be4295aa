import type { FaultRequest } from './screen-props.ts';

export type PanelName = 'fleet' | 'dependencies' | 'breakers' | 'jobs' | 'timeline' | 'events';

/** What a key asks of whoever shows the screen. */
export type UiAction =
  | { readonly kind: 'quit' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'inject'; readonly request: FaultRequest }
  | { readonly kind: 'heal'; readonly fault: string }
  | { readonly kind: 'heal-all' }
  | { readonly kind: 'show-run'; readonly step: 1 | -1 }
  | { readonly kind: 'player'; readonly command: PlayerCommand };

export type PlayerCommand = 'toggle' | 'step' | 'step-back' | 'faster' | 'slower' | 'forward' | 'back' | 'next-failure' | 'previous-failure' | 'start' | 'end';

/** What is looked at; nothing of the run itself. */
export interface UiState {
  readonly focus: PanelName;
  /** The focused panel takes the place of all. */
  readonly zoomed: boolean;
  /** By its key, so that it stays the selected one where rows shift; undefined where none was chosen: the first row, or of events the newest. */
  readonly selected: Readonly<Record<PanelName, string | undefined>>;
  /** Tiers whose agents are listed one by one however little room there is. */
  readonly unfolded: readonly string[];
  readonly overlay: Overlay;
  /** The frame stands still while the run goes on. */
  readonly paused: boolean;
  /** One line for the user: what was done, or why it was not. */
  readonly notice: { readonly tone: 'plain' | 'bad'; readonly text: string } | undefined;
}

export type Overlay =
  | { readonly kind: 'none' }
  /** `scroll`: lines above what is seen; Infinity for the end, wherever that comes to be. */
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'checks'; readonly scroll: number }
  /** Of the focused panel's selected row, by its key: an agent's `host/agent`, a job's id. */
  | { readonly kind: 'detail'; readonly panel: PanelName; readonly key: string; readonly scroll: number }
  | { readonly kind: 'faults'; readonly step: FaultMenuStep };

/** First which fault, then on what, then with which values; or which one to heal. */
export type FaultMenuStep =
  /** `selected` is the key of a row: `heal/<fault>` or `type/<type>`; undefined for the first that can be injected. */
  | { readonly at: 'fault'; readonly selected: string | undefined; readonly filter: string }
  | { readonly at: 'target'; readonly type: string; readonly selected: number }
  /** `field` counts the parameters and then the length. */
  | { readonly at: 'values'; readonly type: string; readonly target: string; readonly field: number; readonly values: Readonly<Record<string, string>>; readonly length: string };

export const panelOrder: readonly PanelName[] = ['fleet', 'dependencies', 'breakers', 'jobs', 'timeline', 'events'];

export function newUiState(): UiState {
  return {
    focus: 'fleet',
    zoomed: false,
    selected: { fleet: undefined, dependencies: undefined, breakers: undefined, jobs: undefined, timeline: undefined, events: undefined },
    unfolded: [],
    overlay: { kind: 'none' },
    paused: false,
    notice: undefined,
  };
}
