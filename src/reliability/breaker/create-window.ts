import type { Clock } from '../../core/clock.ts';
import type { BreakerConfig } from './breaker-config.ts';
import type { BreakerWindow } from './breaker-window.ts';
import { ConsecutiveWindow } from './consecutive-window.ts';
import { CountWindow } from './count-window.ts';
import { TimeWindow } from './time-window.ts';

const windows: Readonly<Record<BreakerConfig['kind'], (config: BreakerConfig, clock: Clock) => BreakerWindow>> = {
  consecutive: (config) => new ConsecutiveWindow(config),
  count: (config) => new CountWindow(config),
  time: (config, clock) => new TimeWindow(config, clock),
};

export function createBreakerWindow(config: BreakerConfig, clock: Clock): BreakerWindow {
  return windows[config.kind](config, clock);
}
