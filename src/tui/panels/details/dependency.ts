import { clockTime, latency, timeLeft } from '../../format/durations.ts';
import { dependencyGlyphs, fault as faultGlyph } from '../../format/glyphs.ts';
import { column, plain, span, type Line } from '../../format/line.ts';
import { dependencyStatus } from '../../model/screen-state.ts';
import type { ScreenProps } from '../../ui/screen-props.ts';
import { blank, field, heading, paragraphs, type Detail } from './detail.ts';

/** What each host says of a dependency, and the faults that were done to it. */
export function dependencyDetail({ state, nowMs }: ScreenProps, key: string, width: number): Detail {
  const dependency = [...state.dependencies.values()].find(({ name }) => name === key);
  if (dependency === undefined) return { title: key, lines: [] };
  const { sign, word, tone } = dependencyGlyphs[dependencyStatus(dependency)];
  const service = state.services.get(dependency.name);
  const faults = state.faults.filter(({ target }) => target === dependency.name);
  return {
    title: `dependency ${dependency.name}`,
    lines: [
      ...field('state', `${sign} ${word}`, width, tone),
      ...(service === undefined ? [] : field('service', `${service.address}, ready in ${service.readyInMs} ms`, width)),
      ...field('calls', `${dependency.calls}, ${dependency.failures} failed`, width),
      blank,
      heading('what hosts say'),
      ...(dependency.byHost.size === 0 ? [[plain('nothing so far: no host has seen it come or go')]] : []),
      ...[...dependency.byHost].flatMap(([host, view]): Line[] => {
        const glyph = dependencyGlyphs[view.up ? 'up' : 'down'];
        return [[column('strong', host, 14), span(glyph.tone, `${glyph.sign} ${glyph.word}`), plain(` since ${clockTime(view.sinceMs)}`)], ...(view.detail === '' ? [] : paragraphs(view.detail, width, 'plain', '  '))];
      }),
      blank,
      heading(faults.length === 0 ? 'no fault was done to it' : 'faults'),
      ...faults.map((fault): Line => {
        const active = fault.healedAtMs === undefined;
        const left = fault.lastsMs === undefined ? 'until healed' : `${timeLeft(fault.injectedAtMs + fault.lastsMs - nowMs)} left`;
        return [span(active ? 'fault' : 'plain', `${active ? faultGlyph.sign : ' '} ${fault.fault}`), plain(`  ${fault.type} from ${clockTime(fault.injectedAtMs)}, ${active ? left : `healed at ${clockTime(fault.healedAtMs ?? 0)}`}`)];
      }),
      blank,
      heading('newest samples of hosts'),
      ...dependency.samples
        .last(40)
        .toReversed()
        .map((sample): Line => [plain(`${clockTime(sample.atMs)} `), column('plain', sample.host, 13), plain(`${sample.calls} calls, p50 ${latency(sample.p50Ms)}, max ${latency(sample.maxMs)}`), ...(sample.failures > 0 ? [span('bad', `, ${sample.failures} failed`)] : [])]),
    ],
  };
}
