/** A job's id without the run's, which all of them begin with. */
export function shortJob(jobId: string, runId: string): string {
  return jobId.startsWith(`${runId}-`) ? jobId.slice(runId.length + 1) : jobId;
}
