import type { Tone } from '../../journal/event-text.ts';

/** What the fleet's levels of degradation are called; the number is the level. */
export const levelNames: readonly string[] = ['full service', 'SQLite instead of PostgreSQL', 'Kafka gone: direct calls only', 'several services down', 'failed: no database'];
export const worstLevel = levelNames.length - 1;

export function levelTone(level: number): Tone {
  if (level <= 0) return 'good';
  return level <= 2 ? 'warning' : 'bad';
}

/** `▰▰▱▱` */
export function levelBar(level: number): string {
  const filled = Math.max(0, Math.min(worstLevel, level));
  return '▰'.repeat(filled) + '▱'.repeat(worstLevel - filled);
}

const digits: readonly (readonly string[])[] = [
  ['█▀█', '█ █', '▀▀▀'],
  ['▄█ ', ' █ ', '▀▀▀'],
  ['▀▀█', '█▀▀', '▀▀▀'],
  ['▀▀█', ' ▀█', '▀▀▀'],
  ['█ █', '▀▀█', '  ▀'],
];

/** Three rows of three cells. */
export function largeDigit(level: number): readonly string[] {
  return digits[Math.max(0, Math.min(worstLevel, level))] as readonly string[];
}
