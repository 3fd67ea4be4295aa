import { describe, expect, it } from 'vitest';
import { Lab } from '../helpers/lab.ts';

const sections = ['data_analysis', 'recommendations', 'action_items', 'summary'] as const;
const boundaries = [
  ...sections.flatMap((section) => [`section.before:${section}`, `section.generated:${section}`, `checkpoint.acknowledged:${section}`]),
  'report.before_store',
  'report.stored',
];

interface Boundary {
  readonly type: 'host.boundary';
  readonly name: string;
  readonly job_id: string;
}

describe('a reporting host that dies', () => {
  it('C06 killed with -9 at every section boundary, once a job: one report each, and no section is asked for after its checkpoint was acknowledged', { timeout: 180_000 }, async () => {
    const killed = new Set<string>();
    const acknowledged: { jobId: string; section: string; atMs: number }[] = [];
    const targets = new Map(boundaries.map((name, index) => [`lab-job-${index + 1}`, name]));
    await using lab = await Lab.start({
      reportingHosts: 4,
      concurrency: 8,
      boundaries: true,
      onHostLine: (running, host, line) => {
        const boundary = JSON.parse(line) as Boundary;
        if (boundary.type !== 'host.boundary') return;
        const section = /^checkpoint\.acknowledged:(.+)$/.exec(boundary.name)?.[1];
        if (section !== undefined) acknowledged.push({ jobId: boundary.job_id, section, atMs: Date.now() });
        const process = running.driver.processOf(host);
        if (targets.get(boundary.job_id) === boundary.name && !killed.has(boundary.job_id)) {
          killed.add(boundary.job_id);
          process?.kill('SIGKILL');
        } else process?.send(`continue ${boundary.job_id}`);
      },
    });
    await Promise.all([...targets.keys()].map((jobId) => lab.submit(jobId.slice('lab-'.length))));
    const views = await Promise.all([...targets.keys()].map((jobId) => lab.completed(jobId.slice('lab-'.length))));

    expect([...killed].toSorted()).toEqual([...targets.keys()].toSorted());
    for (const view of views) expect(view.result).toMatchObject({ success: true, level: 'FULL' });
    const reports = await lab.reportsInDatabase();
    expect(Object.fromEntries(reports)).toEqual(Object.fromEntries([...targets.keys()].map((jobId) => [jobId, 1])));

    const requests = (await lab.llmLog()).filter((entry) => entry.type === 'request');
    expect(requests.length).toBeGreaterThanOrEqual(targets.size * sections.length);
    const paidTwice = requests.filter((request) =>
      acknowledged.some((entry) => entry.jobId === request.run_id && entry.section === request.section && new Date(request.at).getTime() > entry.atMs),
    );
    expect(paidTwice).toEqual([]);

    // Whoever was killed after a checkpoint went on from it instead of beginning again.
    const resumed = lab.events.filter((event) => event.type === 'checkpoint.resumed');
    expect(new Set(resumed.map((event) => event.job_id)).size).toBeGreaterThanOrEqual(sections.length);
  });
});
