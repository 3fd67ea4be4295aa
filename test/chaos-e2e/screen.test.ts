import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { processesOf } from '../helpers/processes.ts';
import { olderNode } from '../helpers/older-node.ts';
import { Pty } from '../helpers/pty.ts';

const older = olderNode();
const keys = { enter: '\r', escape: '\u001B', interrupt: '\u0003' } as const;
const playground = ['run', '--infra', 'embedded', '--jobs', '400', '--every-ms', '250'];

async function journalIn(folder: string): Promise<JournalEvent[]> {
  const runs = join(folder, '.netra', 'runs');
  const [run = ''] = await readdir(runs);
  return (await readFile(join(runs, run, 'journal.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEvent);
}

/** What a shell finds afterwards: its own screen, a cursor, and lines as they are typed. */
function terminalIsGivenBack(terminal: Pty): void {
  expect(terminal.onAlternateScreen).toBe(false);
  expect(terminal.output.lastIndexOf('\u001B[?25h')).toBeGreaterThan(terminal.output.lastIndexOf('\u001B[?25l'));
}

describe('the screen, in a terminal of its own', () => {
  it('P03 a run is a playground: sizes, keys, a fault injected and healed from the menu, and a quiet end', async () => {
    await using folder = await temporaryFolder();
    await using terminal = new Pty(playground, { cwd: folder.path, columns: 120, rows: 40 });
    await terminal.until((text) => text.includes('working') && /\d+ of 400 done/.test(text), 'the first jobs');
    expect(terminal.onAlternateScreen).toBe(true);
    for (const agent of ['supervisor', 'triage', 'data_helper', 'warehouse', 'fraud']) expect(terminal.text).toContain(agent);

    for (const [columns, rows] of [[80, 24], [160, 50], [41, 11], [120, 40]] as const) {
      terminal.resize(columns, rows);
      await terminal.until((text) => text.includes('of 400') || text.includes('level'), `a frame of ${columns}×${rows}`);
      await terminal.until(() => terminal.lines.at(-1)?.trim() !== '', `the last row of ${columns}×${rows}`);
    }

    terminal.type('?');
    await terminal.until((text) => text.includes('keys and signs'), 'the help');
    terminal.type(keys.escape);
    await terminal.until((text) => !text.includes('keys and signs') && text.includes('Dependencies'), 'the panels again');

    terminal.type('f');
    await terminal.until((text) => text.includes('Fault menu') && text.includes('Every byte takes longer'), 'the fault menu');
    terminal.type('latency');
    await terminal.until((text) => !text.includes('Data is swallowed'), 'the menu narrowed down');
    terminal.type(keys.enter);
    await terminal.until((text) => text.includes('on what?'), 'the targets');
    terminal.type(keys.enter);
    await terminal.until((text) => text.includes('Enter injects it'), 'the values');
    terminal.type(keys.enter);
    await terminal.until((text) => /latency-\w+-user-1 is at work/.test(text), 'the fault at work');
    await terminal.until((text) => text.includes('↯ latency'), 'the fault beside its dependency');

    terminal.type('f');
    await terminal.until((text) => text.includes('at work:'), 'what can be healed');
    terminal.type('X');
    await terminal.until((text) => !/↯ latency/.test(text), 'the fault healed');
    terminal.type(keys.escape);
    await terminal.until((text) => text.includes('Dependencies'), 'the panels after the menu');

    terminal.type('q');
    expect(await terminal.finished).toEqual({ exitCode: 0, signal: undefined });
    terminalIsGivenBack(terminal);
    expect(terminal.text).toMatch(/verdict pass\s+\d+ reports/);

    const journal = await journalIn(folder.path);
    const injected = journal.find((event) => event.type === 'fault.injected');
    expect(injected).toMatchObject({ by: 'user', fault_type: 'latency' });
    expect(journal.find((event) => event.type === 'fault.healed')).toMatchObject({ fault: (injected as { fault: string }).fault, reason: 'user' });
    expect(journal.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'pass' });
    expect(await processesOf(folder.path)).toEqual([]);
  });

  it.each([['this Node', process.execPath] as const, ...(older === undefined ? [] : [['an older Node, by the launcher', older] as const])])('P03 started by %s, Ctrl-C ends a run under way: exit code 130, terminal as before, nothing left', async (_, node) => {
    await using folder = await temporaryFolder();
    await using terminal = new Pty(playground, { cwd: folder.path, columns: 80, rows: 24, node });
    await terminal.until((text) => text.includes('working'), 'the fleet at work');
    terminal.type(keys.interrupt);
    expect(await terminal.finished).toMatchObject({ exitCode: 130 });
    terminalIsGivenBack(terminal);
    expect(terminal.text).toContain('interrupted by Ctrl-C');
    expect(await processesOf(folder.path)).toEqual([]);
  });

  it('P03 a crash of the program leaves a terminal that can be used, with the reason on it', async () => {
    await using folder = await temporaryFolder();
    const plant = `data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('planted crash')})`;
    await using terminal = new Pty(playground, { cwd: folder.path, nodeOptions: ['--import', plant] });
    await terminal.until((text) => text.includes('starting') || text.includes('working'), 'the screen');
    terminal.signal('SIGUSR2');
    expect(await terminal.finished).toMatchObject({ exitCode: 70 });
    terminalIsGivenBack(terminal);
    expect(terminal.text).toContain('planted crash');
  });

  it.each([
    ['--no-tui', [...playground.slice(0, 3), '--jobs', '1', '--no-tui'], {}],
    ['CI is set', [...playground.slice(0, 3), '--jobs', '1'], { CI: 'true' }],
    ['the terminal can only print', [...playground.slice(0, 3), '--jobs', '1'], { TERM: 'dumb' }],
  ] as const)('P03 lines and no screen where %s', async (_, words, environment) => {
    await using folder = await temporaryFolder();
    await using terminal = new Pty(words, { cwd: folder.path, environment: { ...environment, NO_COLOR: '1' }, rows: 60 });
    expect(await terminal.finished).toMatchObject({ exitCode: 0 });
    expect(terminal.output).not.toContain('\u001B');
    expect(terminal.text).toMatch(/job-1\s+FULL report/);
  });

  it('P03 P02 redis-drop can be followed at 80×24: the level, the fault, the breaker, and the verdict in the end', async () => {
    await using folder = await temporaryFolder();
    await using terminal = new Pty(['chaos', 'redis-drop', '--infra', 'embedded'], { cwd: folder.path, columns: 80, rows: 24 });
    await terminal.until((text) => text.includes('redis-drop'), 'the scenario');
    await terminal.until((text) => /redis\s.*down/.test(text), 'Redis being down');
    await terminal.until((text) => text.includes('○ open'), 'an open breaker');
    await terminal.until((text) => /✔ pass|verdict pass|pass/.test(text), 'the verdict');
    expect(await terminal.finished).toMatchObject({ exitCode: 0 });
    terminalIsGivenBack(terminal);
    expect(terminal.text).toContain('report ');
  });
});
