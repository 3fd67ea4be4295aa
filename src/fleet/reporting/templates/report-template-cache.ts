import { LRUCache } from 'lru-cache';
import type { SectionContent, SectionName } from '../../jobs/job.ts';
import type { ReportMaterial } from '../report-material.ts';
import { compileTemplate, type SectionTemplate } from './section-templates.ts';

/** D10. */
const maxTemplates = 100;

/** Compiled templates, those used longest ago dropped first. They hold no data of anybody, so all jobs of a host share them. */
export class ReportTemplateCache {
  readonly #templates = new LRUCache<string, SectionTemplate>({ max: maxTemplates });

  get size(): number {
    return this.#templates.size;
  }

  render(section: SectionName, material: ReportMaterial): SectionContent {
    const agents = [...new Set(material.facts.map((fact) => fact.agent))];
    const key = JSON.stringify([section, ...agents]);
    const template = this.#templates.get(key) ?? compileTemplate(section, agents);
    this.#templates.set(key, template);
    return template(material);
  }
}
