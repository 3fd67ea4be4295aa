import { sectionNames, type SectionName } from '../../jobs/job.ts';

/** C05. */
export interface CheckpointProgress {
  readonly completed_sections: readonly SectionName[];
  readonly in_progress: SectionName | null;
  readonly total_sections: number;
  /** Wall clock of the last writer, milliseconds since the Unix epoch. */
  readonly last_update: number;
  readonly fencing_token: number;
}

export interface StoredProgress {
  readonly progress: CheckpointProgress;
  /** When the oldest of the completed sections was saved; null where none is. */
  readonly oldestSavedAt: number | null;
  /** Names in the record that are no sections: somebody else's writing. */
  readonly unknown: readonly string[];
}

/** Reads the progress hash; null where the run has none, or only the fence of a finished one. Never throws. */
export function parseProgress(fields: Readonly<Record<string, string>>): StoredProgress | null {
  const token = Number(fields['fencing_token']);
  if (!Number.isSafeInteger(token) || token < 1 || fields['closed'] === '1') return null;
  const names = splitSections(fields['completed_sections'] ?? '');
  const inProgress = fields['in_progress'] ?? '';
  const completed = names.filter(isSectionName);
  const savedAt = completed.map((section) => nonNegative(fields[`section:${section}`]?.split(' ', 1)[0]));
  return {
    oldestSavedAt: savedAt.length === 0 ? null : Math.min(...savedAt),
    progress: {
      completed_sections: completed,
      in_progress: isSectionName(inProgress) ? inProgress : null,
      total_sections: nonNegative(fields['total_sections']),
      last_update: nonNegative(fields['last_update']),
      fencing_token: token,
    },
    unknown: names.filter((name) => !isSectionName(name)),
  };
}

/** `completed_sections` as the scripts keep it. */
export function splitSections(text: string): string[] {
  return text.split(',').filter((name) => name !== '');
}

function isSectionName(name: string): name is SectionName {
  return (sectionNames as readonly string[]).includes(name);
}

function nonNegative(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) && value > 0 ? value : 0;
}
