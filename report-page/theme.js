// @ts-check
// Light or dark: the system's choice until the button says otherwise. Colours of charts are those of the style sheet.

const choices = /** @type {const} */ ([
  ['', 'as the system'],
  ['light', 'light'],
  ['dark', 'dark'],
]);

/** Asking the browser costs a layout, and a chart asks for every stretch that it draws. @type {Map<string, string>} */
const known = new Map();

/** A colour of the style sheet, by the name of its custom property, as the page shows it now. @param {string} name */
export function colour(name) {
  const shown = known.get(name) ?? asked(name);
  known.set(name, shown);
  return shown;
}

/** @param {string} name */
function asked(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const shown = getComputedStyle(probe).color;
  probe.remove();
  return shown;
}

/** Calls back after every change of colours, of whatever origin. @param {() => void} redraw */
export function wireTheme(redraw) {
  const changed = () => {
    known.clear();
    redraw();
  };
  const root = document.documentElement;
  const button = /** @type {HTMLButtonElement | null} */ (document.getElementById('theme'));
  let choice = 0;
  /** @param {string} theme */
  const show = (theme) => {
    if (theme === '') delete root.dataset.theme;
    else root.dataset.theme = theme;
    changed();
  };
  if (button !== null) {
    button.hidden = false;
    button.addEventListener('click', () => {
      choice = (choice + 1) % choices.length;
      const [theme, label] = choices[choice] ?? choices[0];
      button.textContent = `Colours: ${label}`;
      show(theme);
    });
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  // Canvases are pictures: what is dark on the screen would be printed dark.
  addEventListener('beforeprint', () => show('light'));
  addEventListener('afterprint', () => show((choices[choice] ?? choices[0])[0]));
}
