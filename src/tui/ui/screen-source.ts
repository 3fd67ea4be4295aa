import type { ScreenProps } from './screen-props.ts';
import type { UiAction, UiState } from './ui-state.ts';

/** What one instant looks like, less the terminal and what is looked at. */
export type Instant = Pick<ScreenProps, 'state' | 'nowMs' | 'choices' | 'player' | 'runs'>;

export type Notice = NonNullable<UiState['notice']>;

/** Where frames come from: a run under way, or a recorded one. */
export interface ScreenSource {
  /** The instant to show now. */
  frame(): Instant;
  /** Does what a key asked for; what it comes to is told in one line, where there is anything to tell. Never rejects. */
  act(action: UiAction): Promise<Notice | undefined> | undefined;
  /** Something has changed that a frame shows, the passing of time set aside. Returns how to stop listening. */
  onChange(listener: () => void): () => void;
  /** Clocks and bars move by themselves now, so that a frame is wanted once in a while even where nothing happens. */
  readonly moves: boolean;
}
