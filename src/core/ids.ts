import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Name of a run and of its folder: sorts by start time, unique on a machine: `20261120-104501-3f9a1c`. */
export function newRunId(clock: Clock): string {
  const stamp = new Date(clock.now()).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

/** 128 random bits in hex; the shape of a W3C trace id. */
export function newCorrelationId(): string {
  return randomBytes(16).toString('hex');
}
