import { clockTime } from '../format/durations.ts';
import { merged, paintLine, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import type { PlayerBar, ScreenProps } from '../ui/screen-props.ts';

/** `▶ 00:12 ━━━━↯━━●──!───── 00:45  ×2  event 120 of 431` */
export function playerPanel({ player, paint }: ScreenProps, area: Area): string[] {
  if (player === undefined || area.height <= 0) return [];
  const start = `${player.playing ? '▶ playing' : '‖ paused '} ${clockTime(player.positionMs)} `;
  const end = ` ${clockTime(player.lengthMs)}  ×${player.speed}  event ${player.seq} of ${player.events}`;
  const width = area.width - start.length - end.length;
  const line: Line = [span(player.playing ? 'good' : 'notice', start), ...(width > 3 ? barCells(player, width) : []), plain(end)];
  return [paintLine(line, area.width, paint), ...Array.from({ length: area.height - 1 }, () => ' '.repeat(area.width))];
}

function barCells({ positionMs, lengthMs, marks }: PlayerBar, width: number): Line {
  const cellOf = (atMs: number): number => Math.max(0, Math.min(width - 1, Math.floor((atMs / Math.max(1, lengthMs)) * width)));
  const signs = new Map<number, Line[number]>();
  for (const { atMs, kind } of marks) {
    const cell = cellOf(atMs);
    if (kind === 'failure' || !signs.has(cell)) signs.set(cell, kind === 'failure' ? span('bad', '!') : span('fault', '↯'));
  }
  const position = cellOf(positionMs);
  signs.set(position, span('strong', '●'));
  return merged(Array.from({ length: width }, (_, cell) => signs.get(cell) ?? plain(cell < position ? '━' : '─')));
}
