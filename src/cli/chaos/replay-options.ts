import type { Problems } from '../../core/problems.ts';
import { speeds } from '../../tui/replay/speeds.ts';
import type { CommandInput } from '../command.ts';

/** How a journal is played; without a screen nothing is. */
export interface PlayOptions {
  readonly speed: number;
  readonly fromMs: number;
  readonly paused: boolean;
}

/** Adds every problem to `problems`; what is returned is of use only where there is none. */
export function readPlayOptions({ options: { speed = '1', from = '0', paused } }: CommandInput, problems: Problems): PlayOptions {
  const wantedSpeed = speeds.find((known) => String(known) === speed);
  // An option without its value is told of with the words.
  if (wantedSpeed === undefined && speed !== true) problems.add('--speed', `'${speed}' is no speed`, `choose one of ${speeds.join(', ')}`);
  const fromS = typeof from === 'string' && /^\d+(\.\d+)?$/.test(from) ? Number(from) : undefined;
  if (fromS === undefined && from !== true) problems.add('--from', `'${from}' is no number of seconds`, 'for example --from 12.5');
  return { speed: wantedSpeed ?? 1, fromMs: (fromS ?? 0) * 1_000, paused: paused === true };
}
