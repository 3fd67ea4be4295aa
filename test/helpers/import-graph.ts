import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

export interface ImportEdge {
  /** Both relative to src, with forward slashes. */
  readonly from: string;
  readonly to: string;
  /** `import type`, erased by the compiler. */
  readonly typeOnly: boolean;
}

/** Relative imports of a set of files (`path below src` → text): static, re-exports and `import()`. */
export function importEdges(files: ReadonlyMap<string, string>): ImportEdge[] {
  const edges: ImportEdge[] = [];
  for (const [from, text] of files) {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
    for (const match of code.matchAll(/^\s*(?:import|export)\s+(type\s+)?[^'";]*?from\s+'(\.[^']+)'|^\s*import\s+'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)/gm)) {
      const target = match[2] ?? match[3] ?? match[4];
      if (target !== undefined) edges.push({ from, to: posix.normalize(posix.join(posix.dirname(from), target)), typeOnly: match[1] !== undefined });
    }
  }
  return edges;
}

export function readSources(root: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'));
  }
  return files;
}

/** What each area may import beside itself; `cli` may import everything. A path names single files of an area. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  journal: ['core'],
  reliability: ['core'],
  telemetry: ['core', 'reliability/events.ts'],
  fleet: ['core', 'reliability', 'telemetry', 'journal/events.ts', 'journal/fleet-events.ts'],
  infra: ['core'],
  chaos: ['core', 'journal', 'infra'],
  reporters: ['core', 'journal', 'chaos/checks/check.ts'],
  tui: ['core', 'journal', 'chaos/checks/check.ts'],
  cli: ['core', 'journal', 'reliability', 'telemetry', 'fleet', 'infra', 'chaos', 'reporters', 'tui'],
};

export function forbiddenImports(edges: readonly ImportEdge[]): string[] {
  return edges.flatMap(({ from, to, typeOnly }) => {
    const area = from.split('/')[0] as string;
    const target = to.split('/')[0] as string;
    if (area === target) return [];
    const rules = allowed[area];
    if (rules === undefined) return [`${from}: '${area}' is no area of the architecture`];
    if (area === 'fleet' && target === 'journal' && !typeOnly) return [`${from} imports ${to}: the fleet may use the journal's types only`];
    return rules.some((rule) => rule === target || rule === to) ? [] : [`${from} imports ${to}: ${area} may import ${rules.join(', ') || 'nothing'}`];
  });
}

/** Cycles among files as they are loaded (`import type` is erased and joins nothing), each as the list of its files. */
export function importCycles(edges: readonly ImportEdge[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of edges) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  // Tarjan (1972), iterative enough for our depth of imports.
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file) as number);
    stack.push(file);
    for (const target of next.get(file) ?? []) {
      if (!index.has(target)) {
        visit(target);
        low.set(file, Math.min(low.get(file) as number, low.get(target) as number));
      } else if (stack.includes(target)) low.set(file, Math.min(low.get(file) as number, index.get(target) as number));
    }
    if (low.get(file) !== index.get(file)) return;
    const members: string[] = [];
    for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
      members.push(member);
      if (member === file) break;
    }
    if (members.length > 1 || (next.get(file) ?? []).includes(file)) cycles.push(members.toSorted());
  };
  for (const file of next.keys()) if (!index.has(file)) visit(file);
  return cycles;
}
