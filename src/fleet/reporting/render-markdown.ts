import type { ReportDocument } from '../jobs/job.ts';

const sourceNotes: Readonly<Record<ReportDocument['sections'][number]['source'], string | undefined>> = {
  model: undefined,
  template: '_Set out from the figures alone; the model could not be used for this section._',
  cache: '_Text of an earlier report on the same figures; the model could not be reached._',
};

/** The document as a reader gets it: sections, then every fact with its source, then what is missing. The same document gives the same bytes. */
export function renderMarkdown(document: ReportDocument): string {
  const blocks = [
    `# ${line(document.title)}`,
    quote(document.question),
    `Level: **${document.level}** · Period: ${document.period.from} to ${document.period.to}`,
    ...document.sections.map(renderSection),
    ...(document.facts.length === 0 ? [] : ['## Figures', factTable(document.facts)]),
    ...(document.missing_data.length === 0 ? [] : ['## Missing data', list(document.missing_data)]),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** One section as it stands in the document, from its heading on. */
export function renderSection({ source, content }: Pick<ReportDocument['sections'][number], 'source' | 'content'>): string {
  const blocks = [`## ${line(content.heading)}`, sourceNotes[source] ?? '', ...content.paragraphs.map(paragraph), content.items.length === 0 ? '' : list(content.items)];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function factTable(facts: ReportDocument['facts']): string {
  const rows = facts.map((fact) => `| ${[fact.label, fact.subject ?? '', fact.display, fact.agent].map(cell).join(' | ')} |`);
  return ['| Figure | Of | Value | From |', '|---|---|---|---|', ...rows].join('\n');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${line(item)}`).join('\n');
}

function quote(text: string): string {
  return text
    .split('\n')
    .map((each) => `> ${each}`.trimEnd())
    .join('\n');
}

/** A paragraph of data is a paragraph: it cannot open a heading, a list, a quotation, a table or a fence. */
function paragraph(text: string): string {
  return text
    .split('\n')
    .map((each) => each.trim().replace(/^(#{1,6}(?=\s)|[-+*](?=\s)|>|\||```|~~~|={3,}$|-{3,}$)/, '\\$1'))
    .filter((each) => each !== '')
    .join('\n');
}

function line(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function cell(text: string): string {
  return line(text).replaceAll('\\', '\\\\').replaceAll('|', '\\|');
}
