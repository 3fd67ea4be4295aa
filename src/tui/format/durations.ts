/** 83000 → `01:23`, from an hour on `1:02:03`. */
export function clockTime(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1_000));
  const hours = Math.floor(total / 3_600);
  const rest = `${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** At most five characters below 28 hours: `0.4s`, `12s`, `2m05s`, `3h20m`. */
export function shortDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 100) return `${whole}s`;
  if (whole < 6_000) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3_600)}h${String(Math.floor(whole / 60) % 60).padStart(2, '0')}m`;
}

/** Whole seconds up, for what counts down: never 0 before it is over. */
export function timeLeft(milliseconds: number): string {
  const seconds = Math.ceil(Math.max(0, milliseconds) / 1_000);
  return seconds < 100 ? `${seconds}s` : shortDuration(seconds * 1_000);
}

/** At most five characters below 100 s: `0.4ms`, `12ms`, `1.2s`. */
export function latency(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)}ms`;
  return milliseconds < 999.5 ? `${Math.round(milliseconds)}ms` : shortDuration(milliseconds);
}

/** `4 connections`, `1 process`. */
export function countOf(count: number, unit: string): string {
  return `${count} ${count === 1 ? unit.replace(/(?:(?<=ss)es|s)$/, '') : unit}`.trimEnd();
}

/** At most four characters below ten million: `950`, `12k`, `1.2M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  if (count < 999_500) return `${Math.round(count / 1_000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}
