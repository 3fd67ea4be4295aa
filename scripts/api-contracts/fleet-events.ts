import { eventNames } from '../../src/journal/event-names.ts';
import { toFleetRecord } from '../../src/journal/events.ts';
import type { FleetEvent } from '../../src/journal/fleet-events.ts';

/** What hosts say over their WebSocket, as they say it: `checkpoint_saved` where the journal has `checkpoint.saved`. */
export const knownFleetEvents: readonly string[] = eventNames.flatMap((name) => {
  const type = name.replace('.', '_');
  return toFleetRecord({ type, at: 0, host: '' } as FleetEvent).type === name ? [type] : [];
});
