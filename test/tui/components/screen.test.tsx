import { Chalk } from 'chalk';
import { renderToString } from 'ink';
import { render } from 'ink-testing-library';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { screenLines } from '../../../src/tui/components/screen-lines.ts';
import { Screen } from '../../../src/tui/components/screen.tsx';
import type { JournalEvent } from '../../../src/journal/events.ts';
import type { ScreenProps } from '../../../src/tui/ui/screen-props.ts';
import { newUiState, type Overlay } from '../../../src/tui/ui/ui-state.ts';
import { journalOf } from '../journal-of.ts';
import { menuChoices } from '../menu-choices.ts';
import { propsOf, recorded, recordedScenarios, stateAfter, stateOf } from '../recorded.ts';

// eslint-disable-next-line no-control-regex -- the escape character is what is looked for
const escapes = /\u001b\[(\d+)m/g;

function frame(props: ScreenProps): string {
  return renderToString(<Screen {...props} />, { columns: props.columns });
}

/** The part of a frame that begins with a panel's title: at most so many rows of it. */
function rowsOf(text: string, start: string): string {
  const rows = text.split('\n');
  const index = rows.findIndex((row) => row.includes(start));
  return rows.slice(Math.max(0, index), index + 8).join('\n');
}

function withOverlay(props: ScreenProps, overlay: Overlay): ScreenProps {
  return { ...props, ui: { ...newUiState(), overlay } };
}

const redisOpened = (event: JournalEvent): boolean => event.type === 'breaker.transition' && event.to === 'open';

describe('a whole frame', () => {
  it('P03 Ink paints the lines as they are, as many as the screen has', () => {
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
      [40, 10],
      [20, 5],
    ] as const) {
      const props = propsOf(stateOf(recorded('redis-drop')), { columns, rows });
      const lines = screenLines(props);
      expect(frame(props).split('\n')).toEqual([...lines, ...Array.from({ length: rows - lines.length }, () => '')]);
    }
  });

  it('P03 the same props give the same frame, and a mounted screen goes along with them', () => {
    const before = propsOf(stateAfter('redis-drop', (event) => event.type === 'fleet.ready'));
    const after = propsOf(stateAfter('redis-drop', redisOpened));
    const { lastFrame, rerender, unmount } = render(<Screen {...before} />);
    expect(lastFrame()).toBe(frame(before));
    rerender(<Screen {...after} />);
    expect(lastFrame()).toBe(frame(after));
    expect(frame(after)).toBe(frame({ ...after }));
    expect(frame(after)).not.toBe(frame(before));
    unmount();
  });

  it('P03 colours are those of a terminal with 16 of them, never black, white or grey; without them every character is the same', () => {
    const states = recordedScenarios.map((scenario) => stateAfter(scenario, (event) => event.type === 'fault.healed'));
    const allowed = new Set(['1', '22', '7', '27', '31', '32', '33', '35', '36', '39']);
    for (const state of states) {
      const coloured = screenLines(propsOf(state, { paint: new Chalk({ level: 1 }) })).join('\n');
      const codes = new Set(Array.from(coloured.matchAll(escapes), ([, code]) => code));
      expect([...codes].filter((code) => !allowed.has(code as string))).toEqual([]);
      expect(codes.size).toBeGreaterThan(4);
      expect(coloured.replaceAll(escapes, '').replaceAll(/ +$/gm, '')).toBe(screenLines(propsOf(state)).join('\n'));
    }
  });

  it('P03 what a journal holds drives no terminal, wherever it is shown', () => {
    const evil = '\u001b[2J\u001b]0;owned\u0007\r\nnext\u202e';
    const events = journalOf([
      { type: 'run.started', command: evil, seed: evil, provider: evil, control: false, versions: {}, machine: { platform: '', cpus: 1, memory_mb: 1 }, jobs: 1 },
      { type: 'host.started', host: `business-1${evil}`, pid: 1, restart: 0 },
      { type: 'host.ready', host: `business-1${evil}`, duration_ms: 1 },
      { type: 'job.submitted', job: `job${evil}`, job_id: 'j', user_id: evil, question: evil },
      { type: 'agent.error', host: `business-1${evil}`, agent: `order${evil}`, operation: evil, host_at: 1, error: { code: evil, message: evil, severity: evil, recovery: evil } } as never,
      { type: 'section.completed', host: 'h', host_at: 1, job_id: 'j', section: `summary${evil}`, source: 'model', text: evil },
      { type: 'fault.injected', fault: `f${evil}`, fault_type: evil, target: 'redis', parameters: { [evil]: evil }, occurrence: 1 },
      { type: 'breaker.transition', host: `business-1${evil}`, host_at: 1, breaker: `redis${evil}`, from: evil, to: evil },
      { type: 'dependency.changed', host: evil, host_at: 1, dependency: 'redis', up: false, detail: evil },
      { type: 'level.changed', host: `business-1${evil}`, host_at: 1, from: 0, to: 3, reason: evil },
      { type: 'check.judged', check: evil, status: 'fail', detail: evil },
    ]);
    const state = stateOf(events);
    const details: Overlay[] = [
      { kind: 'none' },
      { kind: 'checks', scroll: 0 },
      { kind: 'detail', panel: 'fleet', key: `business-1${evil}/order${evil}`, scroll: 0 },
      { kind: 'detail', panel: 'jobs', key: 'j', scroll: 0 },
      { kind: 'detail', panel: 'dependencies', key: 'redis', scroll: 0 },
      { kind: 'detail', panel: 'breakers', key: `business-1${evil}/redis${evil}`, scroll: 0 },
      { kind: 'detail', panel: 'timeline', key: `f${evil}/1`, scroll: 0 },
      { kind: 'detail', panel: 'events', key: '5', scroll: 0 },
      { kind: 'faults', step: { at: 'fault', selected: undefined, filter: '' } },
      { kind: 'faults', step: { at: 'values', type: 'latency', target: evil, field: 0, values: { latency: evil }, length: evil } },
    ];
    for (const overlay of details) {
      for (const [columns, rows] of [
        [80, 24],
        [160, 50],
      ] as const) {
        const props = withOverlay(propsOf(state, { columns, rows, choices: menuChoices, runs: { tabs: [{ label: evil, status: 'fail' }], shown: 0 } }), overlay);
        const lines = screenLines(props);
        expect(lines).toHaveLength(rows);
        expect(lines.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
        expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([]);
      }
    }
  });
});

describe('what a reader finds at 80×24', () => {
  it('P03 redis-drop: when the breaker opens it stands in the fleet, among the breakers, and over the fault that did it', () => {
    const text = frame(propsOf(stateAfter('redis-drop', redisOpened)));
    expect(text).toMatch(/level ▱▱▱▱ 0 full service, though redis is down/);
    expect(text).toMatch(/reporting-1 .*R○K●P●L●/);
    expect(text).toMatch(/redis +✖ down .*↯2s/);
    expect(text).toMatch(/Breakers: 1 open/);
    expect(text).toMatch(/○ open redis@reporting-1 +43% →\ds/);
    expect(rowsOf(text, 'Timeline')).toMatch(/marks.*○.*\n.*\n.*down-redis-1 +━+▶ down on redis, 2s left/);
    expect(text).toMatch(/reporting-1 breaker redis: closed → open/);
  });

  it('P03 redis-drop: at the end all is as before, and the verdict is said in a word', () => {
    const text = frame(propsOf(stateOf(recorded('redis-drop'))));
    expect(text).toMatch(/redis-drop {2}00:10 {2}done .*✓ PASS 17 of 17 checks/);
    expect(text).toMatch(/Jobs: 4 of 4 done: FULL 4/);
    expect(text).toMatch(/marks.*○○.*▂.*●/);
    expect(text).toMatch(/down-redis-1 +━+┫ down on redis: 4 connections/);
  });

  it('P03 kafka-delay: the level steps down with its name and its reason, and a job goes on elsewhere', () => {
    const text = frame(propsOf(stateAfter('kafka-delay', (event) => event.type === 'checkpoint.resumed')));
    expect(text).toMatch(/level ▰▰▱▱ 2 Kafka gone: direct calls only(?: \(\d of 4 hosts\))? – k.*… {2}0 of 3 jobs/);
    expect(text).toMatch(/supervisor .* L2 .*R●K○P●L●/);
    expect(text).toMatch(/kafka +✖ down .*↯on/);
    expect(text).toMatch(/○ open kafka@control-1/);
    expect(text).toMatch(/job-1 +↻.* working +reporting-1 +×\d ↻1/);
    expect(rowsOf(text, 'Timeline')).toMatch(/marks.*○ +↻\n.*level.*─2+\n.*latency-kafka-1 +━+▶/);
  });

  it('P03 llm-timeout: sections that come from templates and the levels of their reports are seen', () => {
    const text = frame(propsOf(stateAfter('llm-timeout', (event) => event.type === 'job.reported')));
    expect(text).toMatch(/○ open llm@reporting-2 +60%/);
    expect(text).toMatch(/job-\d +[✓~·▪]*~[✓~·▪]* (?:BASIC|MINIMAL)/);
    expect(text).toMatch(/Jobs: 1 of 3 done: (?:BASIC|MINIMAL) 1/);
    expect(text).toMatch(/timeout-llm-1 +━+┫ timeout on llm/);
  });

  it('P03 agent-crash: the crash is seen when it happens, then the restart, then that it was restarted', () => {
    const crash = frame(propsOf(stateAfter('agent-crash', (event) => event.type === 'host.exited')));
    expect(crash).toMatch(/Fleet: 4 hosts, 21 agents, 1 crashed/);
    expect(crash).toMatch(/reporting-2 +✖ crashed/);
    expect(rowsOf(crash, 'Timeline')).toMatch(/marks +✖/);
    const start = frame(propsOf(stateAfter('agent-crash', (event) => event.type === 'host.started' && event.restart > 0)));
    expect(start).toMatch(/reporting-2 +↑ starting↻1/);
    const back = frame(propsOf(stateAfter('agent-crash', (event) => event.type === 'checkpoint.resumed')));
    expect(back).toMatch(/reporting-2 +▶ working↻1/);
    expect(rowsOf(back, 'Timeline')).toMatch(/marks.*✖.*✚.*↻|marks.*✖✚.*↻/);
  });

  it('P03 before the fleet is there the frame says so instead of being empty', () => {
    const text = frame(propsOf(stateOf([])));
    for (const words of ['no host has been started yet', 'no job has been submitted yet', 'the fleet is not there yet', 'nothing has been told yet']) expect(text).toContain(words);
  });

  it('P03 control runs, pauses, lost jobs and notices are told in words', () => {
    const events = journalOf([
      { type: 'run.started', command: 'chaos', seed: '7', provider: 'embedded', control: true, versions: {}, machine: { platform: '', cpus: 1, memory_mb: 1 }, jobs: 2 },
      { type: 'job.submitted', job: 'job-1', job_id: 'j', user_id: 'u', question: 'q' },
      { type: 'job.overdue', job: 'job-1', job_id: 'j', waited_ms: 30_000 },
    ]);
    const props = propsOf(stateOf(events));
    expect(frame({ ...props, columns: 120 })).toMatch(/CONTROL: resilience off.*! 1 lost so far/);
    expect(frame(props)).toMatch(/job-1 .*! overdue .*no report after 30 s/);
    expect(frame({ ...props, ui: { ...newUiState(), paused: true } })).toContain('PAUSED');
    expect(frame({ ...props, ui: { ...newUiState(), notice: { tone: 'bad', text: 'redis is already down' } } })).toContain('✗ redis is already down');
  });
});

describe('what a reader finds on larger screens', () => {
  it('P03 at 120×40 the level is drawn large, with its reason, and all 21 agents are listed', () => {
    const text = frame(propsOf(stateAfter('kafka-delay', (event) => event.type === 'checkpoint.resumed'), { columns: 120, rows: 40 }));
    expect(text.split('\n').slice(0, 3).map((row) => row.slice(1, 4))).toEqual(['▀▀█', '█▀▀', '▀▀▀']);
    expect(text).toMatch(/level ▰▰▱▱ 2 Kafka gone: direct calls only(?: \(\d of 4 hosts\))? – kafka: kafka/);
    expect(text.match(/ business-1 /g)?.length).toBeGreaterThanOrEqual(15);
    expect(text).toMatch(/○ open +kafka +control-1 +\d+% probe in \ds/);
    expect(text).toMatch(/kafka +✖ down .*\d✗ ↯ latency/);
    expect(rowsOf(text, 'Timeline')).toMatch(/hosts[\s\S]*breakers +○[\s\S]*jobs +↻[\s\S]*level +─+2+/);
  });

  it('P03 a job shows its report as it grows, an agent its errors, and the checks what they found', () => {
    const writing = stateAfter('llm-timeout', (event) => event.type === 'section.completed' && event.source === 'template');
    const [job] = [...writing.jobs.values()].filter(({ sections }) => [...sections.values()].some(({ source }) => source === 'template'));
    const report = frame(withOverlay(propsOf(writing, { columns: 100, rows: 70 }), { kind: 'detail', panel: 'jobs', key: job?.jobId ?? '', scroll: 0 }));
    expect(report).toMatch(/✓ data_analysis {2}saved\n +## What the data shows/);
    expect(report).toMatch(/~ \w+ {2}degraded: from a template or the cache/);
    expect(report).toMatch(/· \w+ {2}waiting|✎ \w+ {2}being written/);
    const end = frame(withOverlay(propsOf(writing), { kind: 'detail', panel: 'jobs', key: job?.jobId ?? '', scroll: Number.POSITIVE_INFINITY }));
    expect(end.split('\n').at(-2)?.trim()).toBe(report.split('\n').findLast((row, index) => row.trim() !== '' && index < 69)?.trim());
    const failed = stateAfter('kafka-delay', (event) => event.type === 'agent.error');
    const [agent] = [...failed.agents].find(([, { recentErrors }]) => recentErrors.size > 0) ?? [''];
    const errors = frame(withOverlay(propsOf(failed), { kind: 'detail', panel: 'fleet', key: agent, scroll: 0 }));
    expect(errors).toMatch(/last 1 of 1 errors, newest first\n 00:\d\d [A-Z_]+ in report/);
    expect(errors).toMatch(/severity \w+, recovery \w+, job \S+/);
    const checks = frame(withOverlay(propsOf(stateOf(recorded('redis-drop'))), { kind: 'checks', scroll: 0 }));
    expect(checks).toMatch(/✓ PASS +no-job-lost\n +4 accepted, 4 reported, 0 refused/);
  });

  it('P03 the fault menu lists faults at work and by family, and says why there are none', () => {
    const props = propsOf(stateAfter('redis-drop', redisOpened), { choices: menuChoices });
    const open: Overlay = { kind: 'faults', step: { at: 'fault', selected: undefined, filter: '' } };
    expect(frame(withOverlay(props, open))).toMatch(/at work[^\n]*\n +↯ down-redis-1 +down on redis, 2s left[\s\S]*network\n› latency +Every byte comes later[\s\S]*process\n +kill/);
    expect(frame(withOverlay({ ...props, choices: [] }, open))).toContain('The fleet is not at work yet');
    expect(frame(withOverlay({ ...props, choices: [], player: { positionMs: 0, lengthMs: 1, playing: false, speed: 1, seq: 1, events: 2, marks: [] } }, open))).toContain('A recorded run is played');
    const values: Overlay = { kind: 'faults', step: { at: 'values', type: 'latency', target: 'redis', field: 1, values: { latency: '300', stream: 'upstream' }, length: '5' } };
    expect(frame(withOverlay(props, values))).toMatch(/latency on redis: Enter injects it[\s\S]*latency +300\n›stream +‹ upstream ›[\s\S]*lasts, s +5/);
  });

  it('P03 tabs tell of all runs, the player of where it is', () => {
    const props = propsOf(stateOf(recorded('redis-drop').slice(0, 100)), {
      runs: { tabs: [{ label: 'redis-drop', status: 'pass' }, { label: 'kafka-delay', status: 'running' }, { label: 'llm-timeout', status: 'waiting' }], shown: 1 },
      player: { positionMs: 5_000, lengthMs: 10_000, playing: true, speed: 4, seq: 120, events: 240, marks: [{ atMs: 2_000, kind: 'fault' }, { atMs: 8_000, kind: 'failure' }] },
    });
    const text = frame(props);
    expect(text).toContain(' ✓ redis-drop  [▶ kafka-delay]  · llm-timeout');
    expect(text).toMatch(/▶ playing 00:05 ━+↯━+●─+!─+ 00:10 {2}×4 {2}event 120 of 240/);
    expect(text).toMatch(/Space play/);
  });
});
