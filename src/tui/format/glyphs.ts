import type { Tone } from '../../journal/event-text.ts';
import type { DependencyStatus, MarkKind } from '../model/screen-state.ts';

/** A sign of one cell, the word that goes with it, and its colour, which says nothing that the sign does not. */
export interface Glyph {
  readonly sign: string;
  readonly word: string;
  /** For the legend, where the word alone is too short. */
  readonly meaning?: string;
  readonly tone: Tone;
}

export const breakerGlyphs: Readonly<Record<'closed' | 'half-open' | 'open', Glyph>> = {
  closed: { sign: '●', word: 'closed', tone: 'good' },
  'half-open': { sign: '◐', word: 'half-open', tone: 'warning' },
  open: { sign: '○', word: 'open', tone: 'bad' },
};
const unknownBreaker: Glyph = { sign: '?', word: 'unknown', tone: 'warning' };

export function breakerGlyph(state: string): Glyph {
  return breakerGlyphs[state as keyof typeof breakerGlyphs] ?? unknownBreaker;
}

export const dependencyGlyphs: Readonly<Record<DependencyStatus, Glyph>> = {
  up: { sign: '●', word: 'up', tone: 'good' },
  'partly down': { sign: '◐', word: 'part', meaning: 'down for some hosts', tone: 'warning' },
  down: { sign: '✖', word: 'down', tone: 'bad' },
  unknown: { sign: '–', word: 'idle', meaning: 'not called so far', tone: 'plain' },
};

export type AgentActivity = 'working' | 'idle' | 'starting' | 'crashed' | 'ended';
export const activityGlyphs: Readonly<Record<AgentActivity, Glyph>> = {
  working: { sign: '▶', word: 'working', tone: 'good' },
  idle: { sign: '·', word: 'idle', tone: 'plain' },
  starting: { sign: '↑', word: 'starting', tone: 'notice' },
  crashed: { sign: '✖', word: 'crashed', tone: 'bad' },
  ended: { sign: '■', word: 'ended', tone: 'plain' },
};

export type SectionGlyph = 'waiting' | 'writing' | 'written' | 'saved' | 'resumed' | 'degraded';
export const sectionGlyphs: Readonly<Record<SectionGlyph, Glyph>> = {
  waiting: { sign: '·', word: 'waiting', tone: 'plain' },
  writing: { sign: '✎', word: 'being written', tone: 'notice' },
  written: { sign: '▪', word: 'written', tone: 'plain' },
  saved: { sign: '✓', word: 'saved', tone: 'good' },
  resumed: { sign: '↻', word: 'resumed from a checkpoint', tone: 'notice' },
  degraded: { sign: '~', word: 'degraded: from a template or the cache', tone: 'warning' },
};

export const markGlyphs: Readonly<Record<Exclude<MarkKind, 'level' | 'reported'>, Glyph>> = {
  'host-exit': { sign: '✖', word: 'a host is gone', tone: 'bad' },
  'host-back': { sign: '✚', word: 'a host is started again', tone: 'good' },
  'breaker-open': { sign: '○', word: 'a breaker opens', tone: 'bad' },
  'breaker-closed': { sign: '●', word: 'a breaker closes', tone: 'good' },
  resumed: { sign: '↻', word: 'a job is resumed', tone: 'notice' },
  lost: { sign: '!', word: 'a job is refused or overdue', tone: 'bad' },
};

export const verdictGlyphs: Readonly<Record<'pass' | 'fail' | 'unknown', Glyph>> = {
  pass: { sign: '✓', word: 'PASS', tone: 'good' },
  fail: { sign: '✗', word: 'FAIL', tone: 'bad' },
  unknown: { sign: '?', word: 'UNKNOWN', tone: 'warning' },
};

export const fault: Glyph = { sign: '↯', word: 'a fault is at work', tone: 'fault' };

/** All of them, by what they are said of. */
export const legend: readonly (readonly [string, readonly Glyph[]])[] = [
  ['agent', Object.values(activityGlyphs)],
  ['dependency', Object.values(dependencyGlyphs)],
  ['breaker', Object.values(breakerGlyphs)],
  ['section of a report', Object.values(sectionGlyphs)],
  ['timeline', [...Object.values(markGlyphs), fault]],
  ['check, run', Object.values(verdictGlyphs)],
];
