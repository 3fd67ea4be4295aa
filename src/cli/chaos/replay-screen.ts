import { Chalk } from 'chalk';
import type { JournalEvent } from '../../journal/events.ts';
import { PlayedJournal } from '../../tui/replay/played-journal.ts';
import { Player } from '../../tui/replay/player.ts';
import type { CommandContext } from '../context.ts';
import { holdTerminal } from '../screen/open-screens.ts';
import { loadScreen } from '../screen/screen-module.ts';
import type { Terminal } from '../screen/terminal.ts';
import type { PlayOptions } from './replay-options.ts';

/** Plays a run until it is left, or cannot be shown. */
export async function playOnScreen(events: readonly JournalEvent[], options: PlayOptions, terminal: Terminal, { clock, colour, signal, stderr }: CommandContext): Promise<'quit' | 'interrupted'> {
  const { mountScreen } = await loadScreen();
  const left = Promise.withResolvers<'quit' | 'interrupted'>();
  const interrupt = (): void => left.resolve('interrupted');
  const onFailure = ({ message }: Error): void => {
    stderr.write(`The screen cannot be drawn (${message}); only the verdict can be given. Please report this as a bug of netra-resilience.\n`);
    left.resolve('quit');
  };
  const player = new Player({ journal: new PlayedJournal(events), clock, ...options });
  try {
    const screen = mountScreen({ source: player, clock, ...terminal, paint: new Chalk({ level: colour ? 1 : 0 }), onQuit: () => left.resolve('quit'), onInterrupt: interrupt, onFailure });
    const release = holdTerminal(screen);
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    const how = await left.promise;
    signal.removeEventListener('abort', interrupt);
    screen.close();
    release();
    return how;
  } finally {
    player.close();
  }
}
