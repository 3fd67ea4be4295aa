import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { exitFact, infraFact } from '../../../src/chaos/engine/infra-events.ts';
import { progressLine } from '../../../src/cli/run/progress.ts';
import { summaryTable } from '../../../src/cli/run/summary-table.ts';
import { summarize } from '../../../src/cli/run/summary.ts';
import { parseSummary } from '../../../src/cli/runs/stored-summary.ts';
import type { InfraEvent } from '../../../src/infra/provider.ts';
import { applyEvent, newRunState } from '../../../src/journal/run-state.ts';
import { journal } from '../../chaos/checks/journal-builder.ts';

const paint = new Chalk({ level: 0 });
const endpoint = { host: '127.0.0.1', port: 4 };
const kafka: InfraEvent = { type: 'infra.service_ready', service: 'kafka', endpoint, startedInMs: 6_900.4, phases: { pullMs: 0, createMs: 100.2, startMs: 700, readyMs: 5_400 } };
const llm: InfraEvent = { type: 'infra.service_ready', service: 'llm', endpoint, startedInMs: 7_000 };

function summaryOf(...events: readonly InfraEvent[]): ReturnType<typeof summarize> {
  const state = newRunState();
  for (const event of journal().at(7_100).add(...events.map(infraFact), { type: 'infra.ready', duration_ms: 7_100 }).events) applyEvent(state, event);
  return summarize(state, [], [], 'runs/r');
}

describe('times of services', () => {
  it('P03 the steps of a container go from the provider through the journal into the summary, and survive the disk', () => {
    const summary = summaryOf(kafka, llm);
    expect(summary.timings.services).toEqual({ kafka: { started_in_ms: 6_900, pull_ms: 0, create_ms: 100, start_ms: 700, ready_ms: 5_400 }, llm: { started_in_ms: 7_000 } });
    expect(parseSummary(JSON.stringify(summary))?.timings).toEqual(summary.timings);
    const { services: _, ...older } = summary.timings;
    expect(parseSummary(JSON.stringify({ ...summary, timings: older }))?.timings.services).toEqual({});
  });

  it('P01 the summary names the container that was waited for; embedded servers have no steps to tell', () => {
    const look = { paint, columns: undefined };
    expect(summaryTable(summaryOf(kafka, llm), 'r', look)).toContain('services ready after 7.10 s, the last was kafka: container made 0.10 s, started 0.70 s, answering 5.40 s\n');
    expect(summaryTable(summaryOf(llm), 'r', look)).not.toContain('services ready');
  });

  it.each([
    [kafka, 'kafka      ready at 127.0.0.1:4 (6900 ms: create 100, start 700, ready 5400)'],
    [llm, 'llm        ready at 127.0.0.1:4 (7000 ms)'],
    [{ type: 'infra.image_pull', service: 'redis', image: 'redis:8', receivedBytes: 0, totalBytes: 0, done: false }, 'redis      fetching redis:8'],
    [{ type: 'infra.image_pull', service: 'redis', image: 'redis:8', receivedBytes: 3 * 2 ** 20, totalBytes: 9 * 2 ** 20, done: false }, 'redis      fetching redis:8: 3 of 9 MB'],
    [{ type: 'infra.image_pull', service: 'redis', image: 'redis:8', receivedBytes: 9, totalBytes: 9, done: true }, 'redis      image redis:8 is there'],
    [{ type: 'infra.kept', endpoints: [{ service: 'redis', url: 'redis://127.0.0.1:1' }, { service: 'kafka', url: '127.0.0.1:2' }], removeCommand: 'docker rm x' }, 'kept: redis at redis://127.0.0.1:1, kafka at 127.0.0.1:2; remove them with: docker rm x'],
  ] as [InfraEvent, string][])('P01 progress %#', (event, line) => {
    const [journaled] = journal().add(infraFact(event)).events;
    expect(progressLine(journaled as NonNullable<typeof journaled>, paint)?.slice(10)).toBe(line);
  });

  it('P01 a container that ended is named, a process has its id', () => {
    const line = (container?: string): string | undefined => {
      const [event] = journal().add(exitFact({ services: ['redis'], pid: container === undefined ? 7 : null, ...(container === undefined ? {} : { container }), exitCode: 137, signal: null, stderrTail: '' })).events;
      return progressLine(event as NonNullable<typeof event>, paint)?.slice(10);
    };
    expect(line('netra-r-redis')).toBe('infrastructure container netra-r-redis (redis) ended: exit code 137');
    expect(line()).toBe('infrastructure process 7 (redis) ended: exit code 137');
  });
});
