import type { ChalkInstance } from 'chalk';
import { render, useInput, type Key } from 'ink';
import type { ReactNode } from 'react';
import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { Screen } from '../components/screen.tsx';
import { reduceKey } from '../ui/keys.ts';
import { pressesOf } from '../ui/presses.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import type { ScreenSource } from '../ui/screen-source.ts';
import { newUiState, type UiAction, type UiState } from '../ui/ui-state.ts';
import { FramePacer } from './frame-pacer.ts';

export interface MountOptions {
  readonly source: ScreenSource;
  readonly clock: Clock;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly paint: ChalkInstance;
  /** `q`, with nothing open that it could close. */
  readonly onQuit: () => void;
  /** Ctrl-C, which a terminal in raw mode hands over as a key. */
  readonly onInterrupt: () => void;
  /** A frame could not be drawn: the terminal has been given back, and nothing is shown any more. */
  readonly onFailure: (error: Error) => void;
  /** A key was taken in, whatever it did. */
  readonly onKey?: () => void;
  /** A frame was painted, and of what. */
  readonly onPaint?: (props: ScreenProps) => void;
}

export interface MountedScreen {
  /** Somebody looks at something: a detail is open, or the frame was paused. */
  readonly inUse: boolean;
  /** Gives the terminal back as it was: cursor, line mode, what stood on it. A second call does nothing. */
  close(): void;
}

interface RootProps {
  readonly screen: ScreenProps;
  readonly onKey: (input: string, key: Key) => void;
}

/** The only place that knows of Ink's life cycle: alternate screen, keys, size, and when to paint. */
export function mountScreen(options: MountOptions): MountedScreen {
  const { source, clock, stdin, stdout, paint } = options;
  let ui: UiState = newUiState();
  const propsNow = (): ScreenProps => ({ ...source.frame(), ui, columns: stdout.columns || 80, rows: stdout.rows || 24, paint });
  let props = propsNow();
  const onKey = (input: string, key: Key): void => {
    if (key.ctrl && input === 'c') return options.onInterrupt();
    for (const press of pressesOf({ input, ...key })) {
      const next = reduceKey({ ...ui, notice: undefined }, press, props);
      ui = next.ui;
      if (next.action !== undefined) act(next.action);
      // What is looked at has changed, and the next key means that.
      props = { ...props, ui };
    }
    pacer.request();
    options.onKey?.();
  };
  const act = (action: UiAction): void => {
    if (action.kind === 'quit') return options.onQuit();
    const outcome = source.act(action);
    if (outcome === undefined) return;
    void outcome.then((notice) => {
      if (notice === undefined) return;
      ui = { ...ui, notice };
      pacer.request();
    });
  };
  const instance = render(<Root screen={props} onKey={onKey} />, { stdin, stdout, exitOnCtrlC: false, alternateScreen: true, incrementalRendering: true, interactive: true, maxFps: 60, patchConsole: false, isScreenReaderEnabled: false });
  const pacer = new FramePacer({
    clock,
    isMoving: () => source.moves === true,
    workedMs,
    paint: () => {
      try {
        props = propsNow();
      } catch (error) {
        return fail(error);
      }
      instance.rerender(<Root screen={props} onKey={onKey} />);
      options.onPaint?.(props);
    },
  });
  const repaint = (): void => pacer.request();
  const forget = source.onChange(repaint);
  stdout.on('resize', repaint);
  pacer.request();
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    forget();
    pacer.stop();
    stdout.off('resize', repaint);
    instance.unmount();
    // Raw mode has kept it read; a program that has nothing more to do must be able to end.
    stdin.pause();
    stdin.unref();
  };
  const fail = (error: unknown): void => {
    if (closed) return;
    close();
    options.onFailure(asError(error));
  };
  // Ink ends where a component throws.
  instance.waitUntilExit().catch(fail);
  return {
    get inUse() {
      return !closed && (ui.paused || ui.overlay.kind !== 'none');
    },
    close,
  };
}

function Root({ screen, onKey }: RootProps): ReactNode {
  useInput(onKey);
  return <Screen {...screen} />;
}

function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
