import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandInput } from '../../../src/cli/command.ts';
import { run } from '../../../src/cli/chaos/replay-command.ts';
import type { ExitCode } from '../../../src/cli/exit-codes.ts';
import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import { journalText, longJournal } from '../../helpers/long-journal.ts';
import { ShownTerminal } from '../../helpers/shown-terminal.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { journalOf } from '../../tui/journal-of.ts';
import { commandInput, problemsOf, testContext } from '../helpers.ts';
import { scenarioText } from './scenario-files.ts';

const lastFacts: readonly JournalFact[] = [
  { type: 'check.judged', check: 'no-job-lost', status: 'pass', detail: '' },
  { type: 'run.finished', verdict: 'pass', duration_ms: 60_000 },
];
const ended = journalOf(lastFacts).map((event) => ({ ...event, seq: event.seq + 400, mono_ms: 60_000 }));
/** A plain run: what it promises is judged without a scenario. */
const plain = longJournal(400).map((event) => (event.type === 'scenario.planned' ? { ...event, type: 'weather.changed' as never } : event));
const whole = journalText([...plain, ...ended]);

interface Playing extends AsyncDisposable {
  readonly terminal: ShownTerminal;
  readonly path: string;
  readonly code: Promise<ExitCode>;
  readonly out: () => string;
  readonly stderr: () => string;
}

async function play(content: string, options: CommandInput['options'] = {}, signal = new AbortController().signal): Promise<Playing> {
  const folder = await tempFolder({ 'journal.ndjson': content });
  const terminal = new ShownTerminal();
  let stderr = '';
  const context = testContext({ cwd: folder.path, terminal, signal, stderr: { write: (text) => void (stderr += text) } });
  const code = run(commandInput(options, ['journal.ndjson']), context);
  // Awaited later, or never where a test has failed by then.
  code.catch(() => undefined);
  return {
    terminal,
    path: join(folder.path, 'journal.ndjson'),
    code,
    out: context.out,
    stderr: () => stderr,
    [Symbol.asyncDispose]: async () => {
      terminal.type('\u0003');
      await code.catch(() => undefined);
      terminal[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

// Before the command does it for production: the test runner's JSX asks for the development build of React.
beforeAll(() => import('../../../src/tui/terminal/mount.tsx'));

describe('replay on a terminal', () => {
  it('P03 plays the journal, and gives its verdict when it is left, with the exit code of a replay in lines', async () => {
    await using playing = await play(whole, { speed: '32' });
    await playing.terminal.until(/playing.*event \d+ of 402/);
    expect(playing.terminal.onAlternateScreen).toBe(true);
    expect(playing.terminal.raw).toBe(true);
    await playing.terminal.until(/paused.*event 402 of 402/);
    expect(playing.out()).toBe('');
    playing.terminal.type('q');
    const code = await playing.code;
    await playing.terminal.givenBack();
    await using folder = await tempFolder({ 'journal.ndjson': whole });
    const inLines = testContext({ cwd: folder.path });
    expect(await run(commandInput({}, ['journal.ndjson']), inLines)).toBe(code);
    expect(playing.out()).toBe(inLines.out());
    expect(playing.out()).toContain('no-job-lost');
  });

  it('P03 begins where it is told to, standing still, and hears keys', async () => {
    await using playing = await play(whole, { from: '0.1', paused: true, speed: '0.5' });
    await playing.terminal.until(/paused.*×0\.5.*event (\d\d+) of 402/);
    const before = Number(/event (\d+) of/.exec(playing.terminal.text)?.[1]);
    playing.terminal.type('.');
    await playing.terminal.until(`event ${before + 1} of 402`);
    playing.terminal.type(',');
    await playing.terminal.until(`event ${before} of 402`);
    playing.terminal.type('+');
    await playing.terminal.until('×1');
    playing.terminal.type('G');
    await playing.terminal.until('event 402 of 402');
    playing.terminal.type('n');
    await playing.terminal.until('nothing fails after this');
    playing.terminal.type('g');
    await playing.terminal.until('event 0 of 402');
    expect(playing.terminal.text).toContain('no host has been started yet');
  });

  it('P03 Ctrl-C, and whatever else ends the program, leaves without a verdict', async () => {
    await using byKey = await play(whole, { paused: true });
    await byKey.terminal.until('of 402');
    byKey.terminal.type('\u0003');
    expect([await byKey.code, byKey.out()]).toEqual([130, '']);
    await byKey.terminal.givenBack();
    const ending = new AbortController();
    await using bySignal = await play(whole, { paused: true }, ending.signal);
    await bySignal.terminal.until('of 402');
    ending.abort();
    expect([await bySignal.code, bySignal.out()]).toEqual([130, '']);
    await bySignal.terminal.givenBack();
  });

  it('P03 a run of a scenario that this version cannot judge is played, and what is wrong told at its end', async () => {
    const text = scenarioText('drop', 'expect:\n  - { check: resumed, at_least: 1 }\n').replace('type: down', 'type: dwon');
    const other = [...longJournal(400).map((event) => (event.type === 'scenario.planned' ? { ...event, text } : event)), ...ended];
    await using playing = await play(journalText(other), { paused: true });
    await playing.terminal.until('of 402');
    playing.terminal.type('q');
    expect((await problemsOf(() => playing.code)).join('\n')).toMatch(/there is no fault "dwon"/);
  });

  it('P03 a last line that is cut off is left out, and said', async () => {
    await using playing = await play(whole.slice(0, -20), { paused: true });
    await playing.terminal.until('of 401');
    playing.terminal.type('q');
    expect(await playing.code).toBe(2);
    expect(playing.stderr()).toMatch(/^the last line of the journal is cut off, .* 401 events up to \d+\.\d s\n$/);
    expect(playing.out()).toContain('its journal has no end');
  });

  it('P03 of a run that goes on, what is there is played, and said', async () => {
    await using playing = await play(journalText(plain.slice(0, 300)), { paused: true });
    await playing.terminal.until('of 300');
    await appendFile(playing.path, journalText(plain.slice(300)));
    playing.terminal.type('q');
    expect(await playing.code).toBe(2);
    expect(playing.stderr()).toMatch(/^the journal is still being written, .* 300 events up to \d+\.\d s; replay it again for more\n$/);
  });

  it('P03 where the screen cannot be drawn, it gives way to the verdict, and says why', async () => {
    const broken = plain.map((event) => (event.type === 'job.submitted' ? { ...event, job: { no: 'text' } } : event)) as unknown as JournalEvent[];
    await using playing = await play(journalText([...broken, ...ended]), { paused: true });
    await playing.terminal.until('of 402');
    playing.terminal.type('G');
    await playing.code;
    await playing.terminal.givenBack();
    expect(playing.stderr()).toMatch(/^The screen cannot be drawn \(.+\); only the verdict can be given/);
    expect(playing.out()).toContain('no-job-lost');
  });

  it.each([
    ['an empty file', '', /does not begin with run\.started/],
    ['a journal with a gap', whole.replace(/^.*"seq":7,.*\n/m, ''), /event 7 is missing/],
    ['what is no JSON in its middle', whole.replace('"seq":7,', '"seq";7,'), /is not JSON/],
  ])('P03 %s is told without a screen', async (_, content, message) => {
    await using playing = await play(content);
    expect((await problemsOf(() => playing.code)).join('\n')).toMatch(message);
    expect(playing.terminal.text.trim()).toBe('');
  });

  it.each([['json'], ['noTui']])('P03 with %s nothing is written to the terminal', async (option) => {
    await using playing = await play(whole, { [option]: true });
    await playing.code;
    expect(playing.terminal.text.trim()).toBe('');
    expect(playing.out()).toContain('no-job-lost');
  });

  it('P03 speeds and instants that there are not are told of, all at once', async () => {
    const context = testContext({ cwd: '/' });
    expect(await problemsOf(() => run(commandInput({ speed: '3', from: '-1' }, ['x']), context))).toEqual(["--speed: '3' is no speed; choose one of 0.25, 0.5, 1, 2, 4, 8, 16, 32", "--from: '-1' is no number of seconds; for example --from 12.5"]);
  });
});
