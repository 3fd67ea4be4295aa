import { LRUCache } from 'lru-cache';
import type { SectionContent, SectionName } from '../../jobs/job.ts';

const maxSections = 400;

/**
 * Sections the model has written, by user and plan: the same user asking the same about the same facts may
 * be given them again when the model is gone. Another user, question or fact gets nothing from it.
 */
export class SectionCache {
  readonly #sections = new LRUCache<string, SectionContent>({ max: maxSections });

  get(userId: string, planHash: string, section: SectionName): SectionContent | undefined {
    return this.#sections.get(key(userId, planHash, section));
  }

  set(userId: string, planHash: string, section: SectionName, content: SectionContent): void {
    this.#sections.set(key(userId, planHash, section), content);
  }
}

function key(userId: string, planHash: string, section: SectionName): string {
  return JSON.stringify([userId, planHash, section]);
}
