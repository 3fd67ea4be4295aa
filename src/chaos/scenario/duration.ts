import { z } from 'zod';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** `250ms`, `4s`, `1.5m`, `1h` in milliseconds; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const [, amount, unit] = pattern.exec(text) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * (unitsMs[unit] as number);
}

/** The shortest form that `parseDurationMs` reads back: 1500 is `1.5s`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's']) {
    const amount = ms / (unitsMs[unit] as number);
    if (amount >= 1 && Number.isInteger(amount * 10)) return `${amount}${unit}`;
  }
  return `${ms}ms`;
}

/** A duration as scenario files write it; milliseconds once it is read. */
export const duration = z
  .string({ error: 'is no duration; write a number and its unit: 250ms, 4s, 2m' })
  .regex(pattern, { error: 'is no duration; write a number and its unit: 250ms, 4s, 2m' })
  .transform((text) => parseDurationMs(text) as number)
  .meta({ description: 'Duration: a number and ms, s, m or h', examples: ['250ms', '4s', '2m'] });
