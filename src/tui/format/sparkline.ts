const bars = '▁▂▃▄▅▆▇█';

/** One column: nothing was measured, a value, or only failures. */
export type SparklinePoint = number | 'none' | 'failed';

/** A bar a value, from 0 to the greatest one (at least `leastMax`); `×` where every call failed, a space where there was none. */
export function sparkline(points: readonly SparklinePoint[], leastMax: number): string {
  const max = points.reduce<number>((most, point) => (typeof point === 'number' && point > most ? point : most), leastMax);
  return points.map((point) => (point === 'none' ? ' ' : point === 'failed' ? '×' : barOf(point / max))).join('');
}

/** 0..1 as a bar. */
export function barOf(share: number): string {
  return bars[Math.max(0, Math.min(bars.length - 1, Math.ceil(share * bars.length) - 1))] as string;
}
