/** kafkajs sets timers to times long past, of which Node 24 and later warn; they fire at once, as they are meant to. */
const ofNoConcern = new Set(['TimeoutNegativeWarning']);

/** Warnings of Node go to stderr as ever, apart from those that nobody who typed a command can do anything about. */
export function filterWarnings(stderr: { write(text: string): unknown }): void {
  process.removeAllListeners('warning').on('warning', (warning) => {
    if (!ofNoConcern.has(warning.name)) stderr.write(`(node) ${warning.name}: ${warning.message}\n`);
  });
}
