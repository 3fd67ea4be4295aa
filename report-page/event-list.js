// @ts-check
// Filters, and the way from a chart or a piece of evidence to its event.

export function wireEvents() {
  const filter = document.getElementById('filter');
  const status = document.getElementById('filter-status');
  const items = /** @type {HTMLLIElement[]} */ ([...document.querySelectorAll('ol.events > li')]);
  const fields = ['type', 'host', 'job', 'text'].map((name) => ({ name, field: /** @type {HTMLInputElement | HTMLSelectElement | null} */ (document.getElementById(`filter-${name}`)) }));
  if (filter === null || status === null) return;
  filter.hidden = false;

  const apply = () => {
    const wanted = fields.map(({ name, field }) => ({ name, value: (field?.value ?? '').trim().toLowerCase() })).filter(({ value }) => value !== '');
    let shown = 0;
    for (const item of items) {
      const fits = wanted.every(({ name, value }) => (name === 'text' ? (item.textContent ?? '').toLowerCase().includes(value) : (item.dataset[name] ?? '').toLowerCase() === value));
      item.hidden = !fits;
      if (fits) shown += 1;
    }
    status.textContent = wanted.length === 0 ? `${items.length} events` : `${shown} of ${items.length} events`;
  };
  const clear = () => {
    for (const { field } of fields) if (field !== null) field.value = '';
    apply();
  };
  for (const { field } of fields) field?.addEventListener('input', apply);
  document.getElementById('filter-clear')?.addEventListener('click', clear);
  apply();

  /** An event that a filter hides is worth more than the filter: somebody asked for it. */
  const show = () => {
    const item = /^#event-\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
    const details = item?.querySelector('details');
    if (!(item instanceof HTMLLIElement) || details === null || details === undefined) return;
    if (item.hidden) clear();
    details.open = true;
    details.querySelector('summary')?.focus({ preventScroll: true });
    item.scrollIntoView({ block: 'center' });
  };
  addEventListener('hashchange', show);
  // A second click on the same link changes no hash.
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('a')?.hash === location.hash) show();
  });
  show();

  // One line in the file, which keeps it small; indented once somebody looks.
  document.querySelector('ol.events')?.addEventListener('toggle', ({ target }) => {
    const text = target instanceof HTMLDetailsElement && target.open ? target.querySelector('pre') : null;
    if (text !== null) text.textContent = indented(text.textContent ?? '');
  }, true);
}

/** @param {string} json */
function indented(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // Cut off, since it was too long for the page.
  }
}
