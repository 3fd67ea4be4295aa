import { activityGlyphs, breakerGlyph, fault as faultGlyph, type AgentActivity } from '../format/glyphs.ts';
import { plain, span, type Line } from '../format/line.ts';
import { dependencyNames, type AgentState, type HostStatus, type ScreenState } from '../model/screen-state.ts';

const letters = { redis: 'R', kafka: 'K', postgres: 'P', llm: 'L' } as const;
/** Cells of `breakerSigns`. */
export const breakerSignsWidth = dependencyNames.length * 2;

/** `R●K●P○L●`: the breakers of a host before what it depends on. One that never was told of is closed: it has not been called. */
export function breakerSigns(state: ScreenState, host: string): Line {
  if (!isThere(state.hosts.get(host)?.status)) return [plain(' '.repeat(breakerSignsWidth))];
  return dependencyNames.flatMap((name) => {
    const { sign, tone } = breakerGlyph(state.breakers.get(`${host}/${name}`)?.state ?? 'closed');
    return [plain(letters[name]), span(tone, sign)];
  });
}

/** What an agent is at, as far as its host lets it. */
export function activityOf(state: ScreenState, agent: AgentState): AgentActivity {
  return hostActivity(state.hosts.get(agent.host)?.status) ?? (agent.working.size > 0 || agent.sampledWorking > 0 ? 'working' : 'idle');
}

/** undefined of a host at work: its agents say what they are at. */
export function hostActivity(status: HostStatus | undefined): AgentActivity | undefined {
  switch (status) {
    case 'starting':
    case 'listening':
      return 'starting';
    case 'crashed':
    case 'ended':
      return status;
    default:
      return undefined;
  }
}

/** `▶ working↻1↯`: restarted as often as it says, and under a fault. */
export function activityText(activity: AgentActivity, restarts: number, faulted = false): string {
  const { sign, word } = activityGlyphs[activity];
  return `${sign} ${word}${restarts > 0 ? `↻${restarts}` : ''}${faulted ? faultGlyph.sign : ''}`;
}

function isThere(status: HostStatus | undefined): boolean {
  return status !== 'crashed' && status !== 'ended';
}
