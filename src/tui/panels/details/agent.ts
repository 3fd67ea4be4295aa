import { clockTime } from '../../format/durations.ts';
import { activityGlyphs } from '../../format/glyphs.ts';
import { levelNames } from '../../format/levels.ts';
import { plain, span, type Line } from '../../format/line.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import { activityOf, activityText, breakerSigns, hostActivity } from '../hosts.ts';
import { blank, field, heading, paragraphs, type Detail } from './detail.ts';

/** An agent, its host, and its last errors, the newest first. */
export function agentDetail({ state }: ScreenProps, key: string, width: number): Detail {
  const agent = state.agents.get(key);
  if (agent === undefined) return { title: key, lines: [[plain('no such agent has been seen up to here')]] };
  const activity = activityOf(state, agent);
  const errors = agent.recentErrors.last().toReversed();
  return {
    title: `agent ${agent.agent} on ${agent.host}`,
    lines: [
      ...field('state', activityText(activity, state.hosts.get(agent.host)?.restarts ?? 0), width, activityGlyphs[activity].tone),
      ...field('messages', `${agent.messages}, ${agent.errors} failed; ${agent.working.size + agent.sampledWorking} under way`, width),
      ...field('last', agent.lastOperation === '' ? 'nothing yet' : `${agent.lastOperation} at ${clockTime(agent.lastAtMs)}`, width),
      ...hostLines(state, agent.host, width),
      blank,
      heading(errors.length === 0 ? 'no error so far' : `last ${errors.length} of ${Math.max(agent.errors, errors.length)} errors, newest first`),
      ...errors.flatMap((error): Line[] => [
        [plain(`${clockTime(error.atMs)} `), span('bad', error.code), plain(` in ${error.operation}`)],
        ...paragraphs(error.message, width, 'plain', '      '),
        ...paragraphs(
          [error.severity === '' ? '' : `severity ${error.severity}`, error.recovery === '' ? '' : `recovery ${error.recovery}`, error.jobId === undefined ? '' : `job ${error.jobId}`, error.correlationId === undefined ? '' : `correlation ${error.correlationId}`]
            .filter((part) => part !== '')
            .join(', '),
          width,
          'notice',
          '      ',
        ),
      ]),
    ],
  };
}

/** A host whose agents have not begun, or are listed together. */
export function hostDetail({ state }: ScreenProps, name: string, width: number): Detail {
  const agents = [...state.agents.values()].filter(({ host }) => host === name);
  return {
    title: `host ${name}`,
    lines: [
      ...hostLines(state, name, width),
      ...agents.flatMap((agent): Line[] => [blank, ...field(agent.agent, `${activityText(activityOf(state, agent), 0)}, ${agent.messages} messages, ${agent.errors} errors`, width), ...field('', agent.lastOperation, width)]),
    ],
  };
}

function hostLines(state: ScreenProps['state'], name: string, width: number): Line[] {
  const host = state.hosts.get(name);
  if (host === undefined) return field('host', name, width);
  const activity = hostActivity(host.status);
  return [
    ...field('host', `${name}: ${activity === undefined ? 'ready' : activityText(activity, 0)} since ${clockTime(host.sinceMs)}, ${host.restarts === 0 ? 'never restarted' : `restarted ${host.restarts} times`}`, width, activity === 'crashed' ? 'bad' : 'plain'),
    ...field('level', `${host.level} ${levelNames[host.level] ?? ''}${host.levelReason === '' ? '' : ` – ${host.levelReason}`}`, width),
    [...(field('breakers', '', width)[0] ?? []), ...breakerSigns(state, name)],
  ];
}
