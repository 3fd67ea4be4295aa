import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layout, type Area, type LayoutNeeds } from '../../../src/tui/layout/layout.ts';
import { panelOrder } from '../../../src/tui/ui/ui-state.ts';

const plainNeeds: LayoutNeeds = { player: false, runs: false, zoomed: undefined, fleetRows: 23, foldedFleetRows: 9 };
const needs = fc.record({ player: fc.boolean(), runs: fc.boolean(), zoomed: fc.option(fc.constantFrom(...panelOrder), { nil: undefined }), fleetRows: fc.integer({ min: 8, max: 60 }), foldedFleetRows: fc.integer({ min: 8, max: 60 }) });

function areasOf(columns: number, rows: number, has: LayoutNeeds): Area[] {
  const { header, runs, panels, player, footer } = layout(columns, rows, has);
  return [header, runs, ...Object.values(panels), player, footer].filter((area) => area !== undefined && area.height > 0) as Area[];
}

describe('layout', () => {
  it('P03 areas never overlap and never leave the screen, at any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 250 }), fc.integer({ min: 5, max: 80 }), needs, (columns, rows, has) => {
        const areas = areasOf(columns, rows, has);
        const taken = new Uint8Array(columns * rows);
        for (const { x, y, width, height } of areas) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(columns);
          expect(y + height).toBeLessThanOrEqual(rows);
          for (let row = y; row < y + height; row += 1) {
            expect(taken.subarray(row * columns + x, row * columns + x + width).some((cell) => cell > 0)).toBe(false);
            taken.fill(1, row * columns + x, row * columns + x + width);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [80, 24],
    [120, 40],
    [160, 50],
    [200, 60],
  ])('P03 at %i×%i every panel has rows beside its title', (columns, rows) => {
    const { panels } = layout(columns, rows, plainNeeds);
    expect(panelOrder.filter((panel) => (panels[panel]?.height ?? 0) < 3)).toEqual([]);
  });

  it('P03 80×24 has room for seven rows of the fleet, four dependencies, four jobs and three events', () => {
    const { panels } = layout(80, 24, plainNeeds);
    expect(panels.fleet?.height).toBe(8);
    expect(panels.dependencies?.height).toBe(5);
    expect(panels.jobs?.height).toBe(5);
    expect(panels.events?.height).toBe(4);
  });

  it('P03 the whole fleet of 21 agents is seen at 120×40, with the level drawn large', () => {
    const { panels, header } = layout(120, 40, plainNeeds);
    expect(panels.fleet?.height).toBe(23);
    expect(header.height).toBe(4);
  });

  it('P03 where the fleet has to be folded anyway, it leaves the rows that it does not need to jobs and events', () => {
    expect(layout(90, 40, plainNeeds).panels.fleet?.height).toBe(9);
    expect(layout(90, 60, plainNeeds).panels.fleet?.height).toBe(23);
    expect(layout(90, 40, { ...plainNeeds, foldedFleetRows: 25 }).panels.fleet?.height).toBe(14);
  });

  it('P03 smaller screens keep jobs, then dependencies; below 40×10 there is a line that says so', () => {
    expect(Object.keys(layout(60, 22, plainNeeds).panels)).toEqual(['fleet', 'dependencies', 'jobs', 'timeline']);
    expect(Object.keys(layout(40, 10, plainNeeds).panels)).toEqual(['dependencies', 'jobs']);
    expect(Object.keys(layout(40, 10, { ...plainNeeds, player: true }).panels)).toEqual(['jobs']);
    expect(layout(39, 24, plainNeeds).tooSmall).toBe(true);
    expect(layout(80, 9, plainNeeds).tooSmall).toBe(true);
  });

  it('P03 a zoomed panel has the whole body', () => {
    const { panels, body } = layout(80, 24, { ...plainNeeds, zoomed: 'events' });
    expect(panels).toEqual({ events: body });
  });
});
