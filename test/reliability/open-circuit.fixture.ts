import { systemClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { ReliabilityManager } from '../../src/reliability/index.ts';

/** A program whose circuit is open for an hour and that has nothing else to do: it must end at once. */
const manager = new ReliabilityManager({ clock: systemClock, rng: createRng('x') });
const options = { retry: { maxAttempts: 1, breaker: { threshold: 1, recoveryMs: 3_600_000, maxRecoveryMs: 3_600_000 } } };
await manager.executeSafely(() => Promise.reject(new Error('down')), 'x.y', options).catch(() => undefined);
await new Promise((resolve) => void setImmediate(resolve));
const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
console.log(JSON.stringify({ state: manager.breaker('x').state, timers }));
