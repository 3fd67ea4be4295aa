import { shortCount } from '../format/durations.ts';
import { activityGlyphs, type AgentActivity } from '../format/glyphs.ts';
import { levelTone } from '../format/levels.ts';
import { column, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import { activeFaults, type AgentState, type ScreenState, type Tier } from '../model/screen-state.ts';
import type { ScreenProps } from '../ui/screen-props.ts';
import { activityOf, activityText, breakerSigns, breakerSignsWidth, hostActivity } from './hosts.ts';
import { drawPanel, markerWidth, type PanelView, type Row } from './panel.ts';

const tiers: readonly Tier[] = ['supervisor', 'system', 'reporting', 'business'];
/** Of the tiers' own agents; any others come after them. */
const agentOrder = ['supervisor', 'triage', 'data', 'data_helper', 'reporting'];
/** From so many on agents of one tier on one host share a row where there is no room for all. */
const groupFrom = 3;
export const groupPrefix = 'group/';
export const hostPrefix = 'host/';

interface FleetGroup {
  readonly tier: Tier;
  readonly host: string;
  readonly agents: readonly AgentState[];
}

/** Agents by tier and host, in the order in which they are listed. */
export function fleetGroups(state: ScreenState): readonly FleetGroup[] {
  const groups = new Map<string, FleetGroup & { agents: AgentState[] }>();
  for (const agent of state.agents.values()) {
    const key = `${agent.tier}/${agent.host}`;
    const group = groups.get(key) ?? { tier: agent.tier, host: agent.host, agents: [] };
    groups.set(key, group);
    group.agents.push(agent);
  }
  for (const group of groups.values()) group.agents.sort((a, b) => place(a) - place(b) || a.agent.localeCompare(b.agent, undefined, { numeric: true }));
  // A host says nothing of its agents before they start.
  const silent = [...state.hosts.values()].filter(({ host }) => ![...groups.values()].some((group) => group.host === host));
  return [...groups.values(), ...silent.map(({ host, role }): FleetGroup => ({ tier: tierOfRole(role), host, agents: [] }))].toSorted(
    (a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier) || a.host.localeCompare(b.host, undefined, { numeric: true }),
  );
}

/** Rows that the fleet takes with its title and headings, whole and folded. */
export function fleetRowsWanted(state: ScreenState, unfolded: readonly string[]): { readonly fleetRows: number; readonly foldedFleetRows: number } {
  const groups = fleetGroups(state);
  const whole = rowsOf(groups);
  const folded = groups.reduce((rows, group) => rows + (!isFoldable(group) ? Math.max(1, group.agents.length) : unfolded.includes(group.host) ? 1 + group.agents.length : 1), 0);
  return { fleetRows: 2 + Math.max(6, whole), foldedFleetRows: 2 + Math.max(6, folded) };
}

function rowsOf(groups: readonly FleetGroup[]): number {
  return groups.reduce((rows, { agents }) => rows + Math.max(1, agents.length), 0);
}

function isFoldable({ tier, agents }: FleetGroup): boolean {
  return tier === 'business' && agents.length >= groupFrom;
}

export function fleetView(props: ScreenProps, area: Area): PanelView {
  const { state, ui } = props;
  const groups = fleetGroups(state);
  const room = area.height - 2;
  const folds = rowsOf(groups) > room;
  const columns = columnsIn(area.width);
  const rows = groups.flatMap((fleetGroup): Row[] => {
    const { host, agents } = fleetGroup;
    if (agents.length === 0) return [{ key: `${hostPrefix}${host}`, line: () => hostLine(state, host, columns) }];
    const single = agents.map((agent): Row => ({ key: `${agent.host}/${agent.agent}`, line: () => agentLine(state, agent, columns) }));
    if (!folds || !isFoldable(fleetGroup)) return single;
    const unfolded = ui.unfolded.includes(host);
    const group: Row = { key: `${groupPrefix}${host}`, line: () => groupLine(state, agents, unfolded, columns) };
    return unfolded ? [group, ...single] : [group];
  });
  const down = [...state.hosts.values()].filter(({ status }) => status === 'crashed').length;
  const title: Line = [plain(`${state.hosts.size} hosts, ${state.agents.size} agents`), ...(down > 0 ? [span('bad', `, ${down} crashed`)] : [])];
  return { title, head: headLine(columns), rows, empty: 'no host has been started yet' };
}

export function fleetPanel(props: ScreenProps, area: Area): string[] {
  return drawPanel('fleet', fleetView(props, area), props, area);
}

/** Widths of the columns; 0 for one that is left out. */
interface Columns {
  readonly agent: number;
  readonly host: number;
  readonly activity: number;
  readonly counts: number;
  readonly errors: number;
  readonly breakers: number;
  readonly doing: number;
}

function columnsIn(width: number): Columns {
  const room = width - markerWidth;
  // Without a host column an agent that several hosts have is called by its host.
  if (room < 60) return { agent: 12, host: 0, activity: 12, counts: 4, errors: 4, breakers: room >= 44 ? breakerSignsWidth : 0, doing: 0 };
  const doing = room - 61;
  return { agent: 12, host: 12, activity: 13, counts: 5, errors: 5, breakers: breakerSignsWidth, doing: doing >= 12 ? doing : 0 };
}

function headLine(columns: Columns): Line {
  return [
    column('plain', 'agent', columns.agent),
    column('plain', columns.host === 0 ? '' : ' host', columns.host === 0 ? 0 : columns.host + 1),
    column('plain', ' state', columns.activity + 1),
    plain('lv'),
    column('plain', columns.counts > 4 ? 'msgs' : 'msg', columns.counts, 'right'),
    column('plain', columns.errors > 4 ? 'errs' : 'err', columns.errors, 'right'),
    column('plain', columns.breakers === 0 ? '' : ' breakers', columns.breakers === 0 ? 0 : columns.breakers + 1),
    column('plain', columns.doing === 0 ? '' : ' last', columns.doing),
  ];
}

function line(state: ScreenState, columns: Columns, row: { name: string; host: string; activity: AgentActivity; messages: number; errors: number; doing: string }): Line {
  const { tone } = activityGlyphs[row.activity];
  const host = state.hosts.get(row.host);
  const level = host?.level ?? 0;
  const gone = row.activity !== 'working' && row.activity !== 'idle';
  return [
    column('strong', row.name, columns.agent),
    ...(columns.host === 0 ? [] : [plain(' '), column('plain', row.host, columns.host)]),
    plain(' '),
    column(tone, activityText(row.activity, host?.restarts ?? 0, activeFaults(state).some(({ target }) => target === row.host)), columns.activity),
    span(gone ? 'plain' : levelTone(level), gone ? ' -' : `L${level}`),
    column('plain', row.messages > 0 ? `${shortCount(row.messages)}${columns.host === 0 ? 'm' : ''}` : '', columns.counts, 'right'),
    column('bad', row.errors > 0 ? `${shortCount(row.errors)}✗` : '', columns.errors, 'right'),
    ...(columns.breakers === 0 ? [] : [plain(' '), ...breakerSigns(state, row.host)]),
    ...(columns.doing === 0 ? [] : [plain(' '), column('plain', row.doing, columns.doing - 1)]),
  ];
}

function agentLine(state: ScreenState, agent: AgentState, columns: Columns): Line {
  const name = columns.host === 0 && agent.tier === 'reporting' ? agent.host : agent.agent;
  return line(state, columns, { name, host: agent.host, activity: activityOf(state, agent), messages: agent.messages, errors: agent.errors, doing: agent.lastOperation });
}

function hostLine(state: ScreenState, host: string, columns: Columns): Line {
  return line(state, columns, { name: columns.host === 0 ? host : '', host, activity: hostActivity(state.hosts.get(host)?.status) ?? 'idle', messages: 0, errors: 0, doing: '' });
}

/** The worst of what its agents are at. */
const worstFirst: readonly AgentActivity[] = ['crashed', 'starting', 'working', 'idle', 'ended'];

function groupLine(state: ScreenState, agents: readonly AgentState[], unfolded: boolean, columns: Columns): Line {
  const activities = new Set(agents.map((agent) => activityOf(state, agent)));
  const [first] = agents;
  return line(state, columns, {
    name: `${unfolded ? '▾' : '▸'}${first?.tier} ${agents.length}`,
    host: first?.host ?? '',
    activity: worstFirst.find((activity) => activities.has(activity)) ?? 'idle',
    messages: agents.reduce((sum, { messages }) => sum + messages, 0),
    errors: agents.reduce((sum, { errors }) => sum + errors, 0),
    doing: '',
  });
}

function place({ agent }: AgentState): number {
  const index = agentOrder.indexOf(agent);
  return index < 0 ? agentOrder.length : index;
}

function tierOfRole(role: string): Tier {
  return role === 'reporting' || role === 'business' ? role : 'system';
}
