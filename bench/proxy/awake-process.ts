/** Does nothing, in slices, so that it notices the end of the benchmark however that comes about. */
const sliceMs = 50;

process.once('disconnect', () => process.exit());
process.send?.('running');

function spin(): void {
  const endMs = performance.now() + sliceMs;
  while (performance.now() < endMs);
  setImmediate(spin);
}

spin();
