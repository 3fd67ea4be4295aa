/** Polls until `condition` holds; throws after `timeoutMs`, naming what was waited for. That is how long a machine with twenty others at work on it may take, and nothing that is promised. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 12_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
