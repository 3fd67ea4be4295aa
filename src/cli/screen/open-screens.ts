/** Screens that hold the terminal. Whoever has to say something last closes them first: what is written to one is gone with it. */
const open = new Set<{ close(): void }>();

/** Returns how to take it off the list. */
export function holdTerminal(screen: { close(): void }): () => void {
  open.add(screen);
  return () => void open.delete(screen);
}

export function giveTerminalBack(): void {
  for (const screen of open) screen.close();
}
