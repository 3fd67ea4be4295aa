import { hash } from 'node:crypto';
import type { Fact, FactSheet, Period } from '../data/fact.ts';
import type { ReportLevel } from '../jobs/job.ts';
import type { ReportContext } from './report-context.ts';

/** What one report is written from. Holds nothing that differs between two runs of one seed. */
export interface ReportMaterial {
  readonly question: string;
  readonly period: Period;
  /** By agent, then as the agent gave them: agents answer in any order. */
  readonly facts: readonly Fact[];
  readonly agentsAsked: readonly string[];
  readonly missing: readonly string[];
}

/** The first sheet of an agent counts, the first fact of an id likewise. */
export function collectMaterial(context: Pick<ReportContext, 'question' | 'period'>, sheets: readonly FactSheet[], missing: readonly string[]): ReportMaterial {
  const byAgent = new Map<string, FactSheet>();
  for (const sheet of sheets) if (!byAgent.has(sheet.agent)) byAgent.set(sheet.agent, sheet);
  const ordered = [...byAgent.values()].sort((left, right) => compare(left.agent, right.agent));
  const facts = new Map<string, Fact>();
  for (const fact of ordered.flatMap((sheet) => sheet.facts)) if (!facts.has(fact.id)) facts.set(fact.id, fact);
  return {
    question: context.question,
    period: { from: context.period.from, to: context.period.to },
    facts: [...facts.values()],
    agentsAsked: [...new Set([...byAgent.keys(), ...unansweredAgents(sheets, missing)])].sort(compare),
    missing: [...new Set([...missing, ...ordered.flatMap((sheet) => sheet.missing)])].sort(compare),
  };
}

/** Two attempts with one hash write the same sections, as far as that is in our hands: only then may one go on with the other's. */
export function planHash(material: ReportMaterial, level: ReportLevel, model: string): string {
  return hash('sha256', JSON.stringify([1, material.question, material.period.from, material.period.to, level, model, material.facts, material.missing]));
}

/** Agents that were asked and gave no fact sheet. Lines that sheets themselves hold name tables, not agents. */
export function unansweredAgents(sheets: readonly FactSheet[], missing: readonly string[]): string[] {
  const answered = new Set(sheets.map((sheet) => sheet.agent));
  const saidBySheets = new Set(sheets.flatMap((sheet) => sheet.missing));
  const agents = missing.filter((line) => !saidBySheets.has(line)).map(agentOf);
  return [...new Set(agents)].filter((agent) => !answered.has(agent)).sort(compare);
}

/** `payment: timed out` → `payment`. */
export function agentOf(missing: string): string {
  return missing.split(':', 1)[0]?.trim() ?? missing;
}

/** By code unit, whatever the locale of the machine. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
