import { clockTime, countOf, shortDuration, timeLeft } from '../../format/durations.ts';
import { plain } from '../../format/line.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import { faultKey } from '../timeline.ts';
import { blank, field, heading, type Detail } from './detail.ts';

export function faultDetail({ state, nowMs }: ScreenProps, key: string, width: number): Detail {
  const fault = state.faults.find((candidate) => faultKey(candidate) === key);
  if (fault === undefined) return { title: key, lines: [[plain('no such fault has happened up to here')]] };
  const parameters = Object.entries(fault.parameters);
  const active = fault.healedAtMs === undefined;
  const left = fault.lastsMs === undefined ? 'until it is healed' : `${timeLeft(fault.injectedAtMs + fault.lastsMs - nowMs)} left of ${shortDuration(fault.lastsMs)}`;
  return {
    title: `fault ${fault.fault}`,
    lines: [
      ...field('type', `${fault.type}${fault.target === '' ? '' : ` on ${fault.target}`}`, width, 'fault'),
      ...field('state', active ? `at work, ${left}` : `healed at ${clockTime(fault.healedAtMs ?? 0)}, after ${shortDuration((fault.healedAtMs ?? 0) - fault.injectedAtMs)}`, width, active ? 'fault' : 'plain'),
      ...field('injected', `at ${clockTime(fault.injectedAtMs)} by ${fault.byUser ? 'hand' : 'the scenario'}${fault.occurrence > 1 ? `, for the ${fault.occurrence}. time` : ''}`, width),
      ...field('affected', fault.affected === undefined ? 'known once it is healed' : fault.affected === null ? 'nobody can count it' : countOf(fault.affected, fault.unit ?? ''), width),
      blank,
      heading(parameters.length === 0 ? 'no parameters' : 'parameters'),
      ...parameters.flatMap(([name, value]) => field(name, typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), width)),
    ],
  };
}
