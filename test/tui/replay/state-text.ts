import { Ring } from '../../../src/tui/model/ring.ts';
import type { ScreenState } from '../../../src/tui/model/screen-state.ts';

/** All of a state, what is private to its rings among it, which a comparison of objects would not see. */
export function stateText(state: ScreenState): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (value instanceof Ring) return `${value.added} ${value.size} ${JSON.stringify(value.last())}`;
    if (value instanceof Map) return { map: [...value] };
    return value instanceof Set ? { set: [...value] } : value;
  });
}
