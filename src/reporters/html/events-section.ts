import type { JournalEvent } from '../../journal/events.ts';
import { oneLine } from '../visible-text.ts';
import { eventLine } from './event-line.ts';
import { html, type Markup } from './markup.ts';
import type { SelectedEvents, ShownEvent } from './select-events.ts';
import { shortJob } from './short-job.ts';

/** Every event by itself under `#event-<seq>`, and what the page's script needs to filter them. Without the script all of them are shown. */
export function eventsSection({ shown, leftOut }: SelectedEvents, journal: string): Markup {
  const hosts = valuesOf(shown, hostOf);
  const jobs = valuesOf(shown, jobOf);
  return html`<section id="events" aria-labelledby="events-title">
<h2 id="events-title">Events</h2>
<p>The journal <code>${journal}</code>, one line an event; open a line for all that it says. Times are seconds since the start of the run.</p>
${leftOut.size > 0 && html`<p class="note">Left out here, and in the journal: ${[...leftOut].map(([type, count]) => `${count} ${type}`).join(', ')}.</p>`}
<search id="filter" hidden>
${select('filter-type', 'Type', valuesOf(shown, ({ type }) => type))}
${select('filter-host', 'Host', hosts)}
${select('filter-job', 'Job', jobs)}
<label for="filter-text">Text <input id="filter-text" type="search" autocomplete="off" spellcheck="false"></label>
<button type="button" id="filter-clear">Show all</button>
<p id="filter-status" role="status"></p>
</search>
<ol class="events">
${shown.map(eventItem)}</ol>
</section>`;
}

function eventItem({ event, json, cut }: ShownEvent): Markup {
  const host = hostOf(event);
  const job = jobOf(event);
  return html`<li id="event-${event.seq}" data-type="${event.type}" data-host="${host}" data-job="${job}"><details><summary><span class="seq">${event.seq}</span> <span class="time">${(event.mono_ms / 1_000).toFixed(2)} s</span> <span class="type">${oneLine(event.type)}</span> <span class="where">${[host, job].filter((text) => text !== '').join(' ')}</span> <span class="what">${eventLine(event)}</span></summary><pre>${json}${cut && ' … (cut here; the journal has all of it)'}</pre></details></li>
`;
}

function hostOf(event: JournalEvent): string {
  return 'host' in event && typeof event.host === 'string' ? oneLine(event.host) : '';
}

function jobOf(event: JournalEvent): string {
  return 'job_id' in event && typeof event.job_id === 'string' ? oneLine(shortJob(event.job_id, event.run_id)) : '';
}

function valuesOf(shown: readonly ShownEvent[], value: (event: JournalEvent) => string): string[] {
  return [...new Set(shown.map(({ event }) => value(event)))].filter((text) => text !== '').toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

function select(id: string, label: string, values: readonly string[]): Markup {
  return html`<label for="${id}">${label} <select id="${id}"><option value="">any</option>${values.map((value) => html`<option>${value}</option>`)}</select></label>`;
}
