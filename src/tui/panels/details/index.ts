import { plain, type Line } from '../../format/line.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import type { Overlay, PanelName } from '../../ui/ui-state.ts';
import { groupPrefix, hostPrefix } from '../fleet.ts';
import { agentDetail, hostDetail } from './agent.ts';
import { breakerDetail } from './breaker.ts';
import { checksDetail } from './checks.ts';
import { dependencyDetail } from './dependency.ts';
import type { Detail } from './detail.ts';
import { eventDetail } from './event.ts';
import { faultDetail } from './fault.ts';
import { helpDetail } from './help.ts';
import { jobDetail } from './job.ts';

const byPanel: Readonly<Record<PanelName, (props: ScreenProps, key: string, width: number) => Detail>> = {
  fleet: (props, key, width) => {
    const host = [hostPrefix, groupPrefix].find((prefix) => key.startsWith(prefix));
    return host === undefined ? agentDetail(props, key, width) : hostDetail(props, key.slice(host.length), width);
  },
  dependencies: dependencyDetail,
  breakers: breakerDetail,
  jobs: jobDetail,
  timeline: faultDetail,
  events: eventDetail,
};

/** What an overlay that is only read shows; undefined for the others. */
export function detailOf(props: ScreenProps, overlay: Overlay, width: number): Detail | undefined {
  const room = Math.max(20, width - 2);
  const detail = overlay.kind === 'help' ? helpDetail(room) : overlay.kind === 'checks' ? checksDetail(props, room) : overlay.kind === 'detail' ? byPanel[overlay.panel](props, overlay.key, room) : undefined;
  return detail === undefined ? undefined : { ...detail, lines: detail.lines.map((line): Line => [plain(' '), ...line]) };
}
