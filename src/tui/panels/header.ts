import { servicesOf } from '../../journal/provider-words.ts';
import { cellWidth } from '../format/cells.ts';
import { cleanText } from '../format/clean-text.ts';
import { clockTime } from '../format/durations.ts';
import { verdictGlyphs } from '../format/glyphs.ts';
import { largeDigit, levelBar, levelNames, levelTone } from '../format/levels.ts';
import { paintLine, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import { dependencyStatus, fleetLevel, type ScreenState } from '../model/screen-state.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { countsLine, jobsDone } from './jobs.ts';

/** One row or two; from four on the level is drawn large at the left. */
export function headerPanel(props: ScreenProps, area: Area): string[] {
  const { paint } = props;
  const painted = (line: Line): string => paintLine(line, area.width, paint);
  const lines = area.height >= 4 ? largeHeader(props, area.width).map(painted) : area.height >= 2 ? [painted(runLine(props, area.width)), levelAndJobs(props, area.width)] : [painted(onlyLine(props))];
  return Array.from({ length: area.height }, (_, index) => lines[index] ?? ' '.repeat(area.width));
}

function largeHeader(props: ScreenProps, width: number): Line[] {
  const { state } = props;
  const { level } = fleetLevel(state);
  const digit = largeDigit(level).map((row): Line => [plain(' '), span(levelTone(level), row), plain('  ')]);
  const digitWidth = 6;
  const right: Line[] = [runLine(props, width - digitWidth), levelLine(state), [plain('jobs '), ...countsLine(state)]];
  return [...right.map((line, row) => [...(digit[row] ?? []), ...line]), [plain(state.header.description)]];
}

/** The level at the left, `3 of 4 jobs ` at the right, however long the reason is. */
function levelAndJobs({ state, paint }: ScreenProps, width: number): string {
  const { done, all } = jobsDone(state);
  const jobs = width < 60 ? '' : `  ${done} of ${all} jobs `;
  return paintLine(levelLine(state), width - jobs.length, paint) + jobs;
}

/** `▰▰▱▱ 2  00:23  ?  redis-drop`: what must be known first. */
function onlyLine({ state, nowMs }: ScreenProps): Line {
  const { level } = fleetLevel(state);
  return [span(levelTone(level), `${levelBar(level)} ${level}`), plain(`  ${clockTime(nowMs)}  `), ...verdictSoFar(state).slice(0, 1), plain(`  ${state.header.scenario || state.header.command}  ${state.header.phase}`)];
}

/** `redis-drop  embedded services  seed 1  00:23  working         ? nothing lost so far` */
function runLine({ state, nowMs, ui }: ScreenProps, width: number): Line {
  const { header } = state;
  const left: Line = [
    span('strong', header.scenario === '' ? (header.command === 'chaos' || header.command === '' ? 'netra-resilience' : header.command) : header.scenario),
    plain(`  ${clockTime(nowMs)}  `),
    span('notice', ui.paused ? 'PAUSED' : header.interrupted && header.phase !== 'done' ? 'interrupted' : header.phase),
    ...(header.provider === '' ? [] : [plain(`  ${servicesOf(header.provider)}`)]),
    ...(header.seed === '' ? [] : [plain(`  seed ${header.seed}`)]),
    ...(header.control ? [plain('  '), span('warning', 'CONTROL: resilience off')] : []),
  ];
  const verdict = width < 60 ? verdictSoFar(state).slice(0, 1) : verdictSoFar(state);
  const gap = width - cells(left) - cells(verdict) - 1;
  return gap >= 2 ? [...left, plain(' '.repeat(gap)), ...verdict] : [...fitLine(left, width - cells(verdict) - 2), plain(' '), ...verdict];
}

/** The verdict, or what is known of it while there is none. */
export function verdictSoFar({ header, counts, checks }: ScreenState): Line {
  if (header.verdict !== undefined) {
    const { sign, word, tone } = verdictGlyphs[header.verdict];
    return [span(tone, `${sign} ${word}`), plain(` ${checks.filter(({ status }) => status === 'pass').length} of ${checks.length} checks`)];
  }
  const failed = checks.filter(({ status }) => status === 'fail').length;
  if (failed > 0) return [span('bad', `✗ ${failed} checks failed`)];
  if (counts.overdue + counts.refused === 0) return [plain('?'), plain(' nothing lost so far')];
  return [span('bad', `! ${[...(counts.overdue > 0 ? [`${counts.overdue} lost`] : []), ...(counts.refused > 0 ? [`${counts.refused} refused`] : [])].join(', ')} so far`)];
}

function levelLine(state: ScreenState): Line {
  const { level, reason } = fleetLevel(state);
  const name = levelNames[level] ?? 'a level of its own';
  const tone = levelTone(level);
  // Some dependencies can go without costing the fleet a level.
  const gone = [...state.dependencies.values()].filter((dependency) => dependencyStatus(dependency) === 'down').map((dependency) => dependency.name);
  const below = [...state.hosts.values()].filter((host) => host.level > 0).length;
  return [
    plain('level '),
    span(tone, `${levelBar(level)} ${level}`),
    plain(' '),
    span(level === 0 ? 'plain' : tone, name),
    ...(below > 0 && below < state.hosts.size ? [plain(` (${below} of ${state.hosts.size} hosts)`)] : []),
    ...(level === 0 && gone.length > 0 ? [plain(', though '), span('warning', `${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} down`)] : []),
    ...(reason !== '' && level > 0 ? [plain(` – ${reason}`)] : []),
  ];
}

function cells(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellWidth(cleanText(text)), 0);
}

/** As many of the spans as fit whole. */
function fitLine(line: Line, width: number): Line {
  const kept: Line[number][] = [];
  let used = 0;
  for (const part of line) {
    used += cellWidth(cleanText(part.text));
    if (used > width) break;
    kept.push(part);
  }
  return kept;
}
