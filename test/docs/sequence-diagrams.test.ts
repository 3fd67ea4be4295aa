import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import mermaid from 'mermaid';
import { describe, expect, it } from 'vitest';
import { hostErrorCodes } from '../../scripts/api-contracts/error-statuses.ts';
import { fleetActions, fleetAgents } from '../../scripts/api-contracts/fleet-actions.ts';
import { paths } from '../../scripts/api-contracts/paths.ts';
import { schemaFolder } from '../../scripts/message-schemas.ts';
import * as reportingErrors from '../../src/fleet/reporting/error-codes.ts';
import { eventNames } from '../../src/journal/event-names.ts';
import type { JournalEvent } from '../../src/journal/events.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/sequence_diagrams.md'), 'utf8');

interface Note {
  readonly over: string;
  readonly type: string;
  readonly members: readonly (readonly [string, string])[];
}

interface Diagram {
  readonly title: string;
  readonly scenario: string | undefined;
  readonly source: string;
  readonly participants: ReadonlyMap<string, string>;
  readonly notes: readonly Note[];
}

const diagrams: readonly Diagram[] = text
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const source = /```mermaid\n(.*?)```/s.exec(section)?.[1] ?? '';
    return {
      title: section.split('\n')[0] ?? '',
      scenario: /^Scenario `([\w-]+)`/m.exec(section)?.[1],
      source,
      participants: new Map([...source.matchAll(/^\s*(?:participant|actor) (\w+)(?: as (.+))?$/gm)].map(([, id = '', label]) => [id, label ?? id])),
      notes: [...source.matchAll(/^\s*Note over (\w+): (\S+)(.*)$/gm)].map(([, over = '', type = '', rest = '']) => ({ over, type, members: rest.trim().split(' ').filter((word) => word !== '').map((word) => word.split('=') as unknown as [string, string]) })),
    };
  });

/** Journals of real runs, without what no diagram speaks of. */
async function journalOf(scenario: string): Promise<JournalEvent[]> {
  const folders = [join(import.meta.dirname, 'journals'), join(root, 'test/tui/journals')];
  for (const folder of folders) {
    if (!(await readdir(folder)).includes(`${scenario}.ndjson`)) continue;
    return (await readFile(join(folder, `${scenario}.ndjson`), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as JournalEvent);
  }
  throw new Error(`no journal of ${scenario}`);
}

/**
 * How far a run follows the notes, in their order: the number of notes met. All that is said of a job is of one and the
 * same; what is said over a host is said by that host.
 */
function followed(notes: readonly Note[], events: readonly JournalEvent[], labels: ReadonlyMap<string, string>): number {
  const jobs = new Set(events.flatMap((event) => ('job_id' in event && typeof event.job_id === 'string' ? [event.job_id] : [])));
  const met = (jobId: string): number => {
    let index = 0;
    for (const event of events) {
      const note = notes[index];
      if (note !== undefined && fits(note, event as unknown as Record<string, unknown>, jobId, labels.get(note.over) ?? '')) index += 1;
    }
    return index;
  };
  return Math.max(0, ...[...jobs].map(met));
}

function fits({ type, members }: Note, event: Record<string, unknown>, jobId: string, label: string): boolean {
  if (event['type'] !== type || (typeof event['job_id'] === 'string' && event['job_id'] !== jobId)) return false;
  // The lab tells of hosts as processes; what else has a host is that host's.
  if (typeof event['host'] === 'string' && label !== 'lab' && event['host'] !== label) return false;
  return members.every(([name, value]) => String(event[name]) === value);
}

describe('docs/sequence_diagrams.md', () => {
  it('D13 has a diagram for every way in which the fleet fails and recovers, each in the table of contents', () => {
    expect(diagrams.map(({ scenario }) => scenario)).toEqual(['redis-drop', 'kafka-down', 'postgres-down', 'llm-timeout', 'agent-crash', 'zombie-writer', undefined]);
    for (const { title } of diagrams) expect(text).toContain(`[${title}](#${title.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-')})`);
  });

  it.each(diagrams.map((diagram) => [diagram.title, diagram] as const))('D13 %s: Mermaid’s own parser reads it as a sequence diagram', async (_title, { source }) => {
    await expect(mermaid.parse(source)).resolves.toMatchObject({ diagramType: 'sequence' });
  });

  it('D13 Mermaid’s parser refuses what is no diagram', async () => {
    const [first] = diagrams;
    for (const spoilt of [first?.source.replace('->>', '=>>'), first?.source.replace(/^\s*end$/m, ''), first?.source.replace(/: PING/, '')]) await expect(mermaid.parse(spoilt ?? '')).rejects.toThrow(/Parse error/);
  });

  it.each(diagrams.map((diagram) => [diagram.title, diagram] as const))('D13 %s: every name is one of the journal or the fleet', async (_title, { source, participants, scenario }) => {
    const roles = new Set(fleetAgents.map(({ role }) => role));
    const services = (await readdir(join(root, 'src/infra/services'))).map((file) => file.replace('.ts', ''));
    const known = (label: string): boolean => ['lab', 'user', 'SQLite of the host', 'toxiproxy', 'llm', ...roles, ...services].includes(label) || [...roles].some((role) => new RegExp(`^${role}-[12]$`).test(label));
    expect([...participants.values()].filter((label) => !known(label))).toEqual([]);
    const topics = await Promise.all((await readdir(schemaFolder)).map(async (file) => new RegExp((JSON.parse(await readFile(join(schemaFolder, file), 'utf8')) as { properties: { topic: { pattern: string } } }).properties.topic.pattern, 'u')));
    const words = [...source.matchAll(/(?<![=\w.-])[a-z_]+(?:\.[a-z_]+)+/g)].map(([word]) => word);
    expect(words.filter((word) => !eventNames.includes(word) && !topics.some((topic) => topic.test(word)))).toEqual([]);
    const actions = new Set(['{action}', ...fleetActions.map(({ action }) => action)]);
    const requests = [...source.matchAll(/(?:GET|POST) (\/\S+)/g)].map(([, path = '']) => path);
    expect(requests.filter((path) => !(path in paths) && !(path.startsWith('/agents/{agent}/') && actions.has(path.split('/')[3] ?? '')))).toEqual([]);
    const codes = [...source.matchAll(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g)].map(([code]) => code);
    expect(codes.filter((code) => !hostErrorCodes.includes(code))).toEqual([]);
    const classes = [...source.matchAll(/\b[A-Z][a-z]\w+Error\b/g)].map(([name]) => name);
    expect(classes.filter((name) => !(name in reportingErrors))).toEqual([]);
    if (scenario !== undefined) expect(await readdir(join(root, 'scenarios'))).toContain(`${scenario}.yaml`);
  });

  it.each(diagrams.flatMap((diagram) => (diagram.scenario === undefined ? [] : [[diagram.title, diagram, diagram.scenario] as const])))('D13 %s: a real run of its scenario went as it says, step by step', async (_title, { notes, participants }, scenario) => {
    const events = await journalOf(scenario);
    expect(notes.length).toBeGreaterThan(5);
    const count = followed(notes, events, participants);
    expect(notes.slice(count)).toEqual([]);
    // The other way round it did not go.
    expect(followed(notes.toReversed(), events, participants)).toBeLessThan(notes.length);
  });

  it('D13 a fault by hand is told of by events that say by whom', () => {
    expect(diagrams.at(-1)?.notes).toEqual([
      { over: 'lab', type: 'fault.injected', members: [['by', 'user']] },
      { over: 'lab', type: 'fault.healed', members: [['reason', 'user']] },
      { over: 'lab', type: 'fault.failed', members: [['phase', 'inject']] },
    ]);
  });
});
