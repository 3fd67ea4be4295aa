import type { JournalEvent } from '../../journal/events.ts';

export interface Orphans extends Disposable {
  /** Learns from the journal which hosts there are. */
  watch(event: JournalEvent): void;
}

/**
 * However the program ends (a second Ctrl-C, a bug), no host outlives it: those that it has not seen end are killed with it.
 * Only SIGKILL of the program itself is not covered, after which hosts end by their closed standard input.
 */
export function killHostsAtExit(): Orphans {
  const running = new Set<number>();
  const kill = (): void => {
    for (const pid of running) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  };
  process.on('exit', kill);
  return {
    watch: (event) => {
      if (event.type === 'host.started') running.add(event.pid);
      else if (event.type === 'host.exited') running.delete(event.pid);
    },
    [Symbol.dispose]: () => process.off('exit', kill),
  };
}
