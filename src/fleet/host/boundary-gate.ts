import type { BoundaryHook, BoundaryName } from '../reporting/boundary.ts';

/**
 * Lets somebody outside stop a host exactly between two steps of a report: each boundary is printed as
 * `{"type":"host.boundary","name":…,"job_id":…}` on stdout, and the report waits there for the line
 * `continue <job id>` on stdin.
 */
export class BoundaryGate {
  readonly #writeLine: (line: string) => void;
  readonly #waiting = new Map<string, (() => void)[]>();
  #rest = '';

  constructor(writeLine: (line: string) => void) {
    this.#writeLine = writeLine;
  }

  readonly hook: BoundaryHook = (name: BoundaryName, jobId: string) =>
    new Promise<void>((resolve) => {
      this.#waiting.set(jobId, [...(this.#waiting.get(jobId) ?? []), resolve]);
      this.#writeLine(`${JSON.stringify({ type: 'host.boundary', name, job_id: jobId })}\n`);
    });

  onInput(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const jobId = /^continue (.+)$/.exec(line.trim())?.[1];
      if (jobId === undefined) continue;
      const [first, ...others] = this.#waiting.get(jobId) ?? [];
      this.#waiting.set(jobId, others);
      first?.();
    }
  }
}
