import { Chalk } from 'chalk';
import type { RunControls } from '../../chaos/engine/live-faults.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { LiveSource } from '../../tui/live/live-source.ts';
import type { CommandContext } from '../context.ts';
import { liveControls } from './live-controls.ts';
import { holdTerminal } from './open-screens.ts';
import { loadScreen } from './screen-module.ts';
import type { Terminal } from './terminal.ts';

export interface LiveScreen {
  /** An event of the run called `label`. False where it is seen by nobody, since the screen has failed: it is to be told in lines. */
  onEvent(label: string, event: JournalEvent): boolean;
  /** The run can be steered from now on. */
  onControls(label: string, controls: RunControls): void;
  /**
   * The runs are over. Closes the screen, or waits until whoever has a detail open, or has paused the
   * frame, is done with it; an interruption ends that as well.
   */
  close(): Promise<void>;
}

export interface LiveScreenOptions {
  /** Of the runs; a single one may have an empty label. */
  readonly labels: readonly string[];
  /** The first `q` lets the jobs under way come to their end; without it, and at the second, the run is interrupted as by Ctrl-C. @default false */
  readonly finishesFirst?: boolean;
}

/** Shows runs on the terminal while they are under way. */
export async function openLiveScreen(terminal: Terminal, context: CommandContext, { labels, finishesFirst = false }: LiveScreenOptions): Promise<LiveScreen> {
  const { mountScreen } = await loadScreen();
  const { clock, signal, colour } = context;
  const source = new LiveSource({ clock, labels });
  const hosts = new Map<string, Set<string>>();
  const controls = new Map<string, RunControls>();
  const left = Promise.withResolvers<void>();
  let failed = false;
  let over = false;
  let finishing = false;
  const quit = (): void => {
    if (over) return left.resolve();
    if (!finishesFirst || finishing || controls.size === 0) return interrupt();
    finishing = true;
    for (const each of controls.values()) each.finish();
  };
  const onFailure = ({ message }: Error): void => {
    failed = true;
    left.resolve();
    context.stderr.write(`The screen cannot be drawn (${message}); lines from here on. Please report this as a bug of netra-resilience.\n`);
  };
  const screen = mountScreen({ source, clock, ...terminal, paint: new Chalk({ level: colour ? 1 : 0 }), onQuit: quit, onInterrupt: interrupt, onFailure, onKey: () => over && !screen.inUse && left.resolve() });
  const release = holdTerminal(screen);
  return {
    onEvent: (label, event) => {
      if (event.type === 'host.started') known(hosts, label).add(event.host);
      source.onEvent(label, event);
      const given = controls.get(label);
      // The menu names hosts, and all of them are known once the fleet is ready.
      if (event.type === 'fleet.ready' && given !== undefined) source.setControls(label, liveControls(given, [...known(hosts, label)]));
      if (event.type === 'run.finished') controls.delete(label);
      return !failed;
    },
    onControls: (label, given) => void controls.set(label, given),
    close: async () => {
      over = true;
      if (screen.inUse && !signal.aborted) {
        signal.addEventListener('abort', () => left.resolve(), { once: true });
        await left.promise;
      }
      screen.close();
      release();
    },
  };
}

function known(hosts: Map<string, Set<string>>, label: string): Set<string> {
  const names = hosts.get(label) ?? new Set();
  hosts.set(label, names);
  return names;
}

/** As a terminal in line mode does it: whoever watches for it knows what a second one means. */
function interrupt(): void {
  process.kill(process.pid, 'SIGINT');
}
