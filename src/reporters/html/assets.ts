import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a page is made of beside its text; nothing of it is fetched when the page is opened. */
export interface PageAssets {
  readonly style: string;
  /** Empty for a page without charts. */
  readonly script: string;
}

const folder = fileURLToPath(new URL('../../../report-page/', import.meta.url));

/** In the order in which they need each other. */
const scripts = ['theme.js', 'chart-frame.js', 'level-chart.js', 'latency-chart.js', 'lane-chart.js', 'charts.js', 'event-list.js', 'main.js'] as const;

let loaded: { readonly run: PageAssets; readonly overview: PageAssets } | undefined;

/** Style sheet, the page's own script and uPlot, as this installation has them; read once. Throws the file system's error where a file is missing. */
export function pageAssets(): { readonly run: PageAssets; readonly overview: PageAssets } {
  if (loaded === undefined) {
    const plot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
    const own = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const style = own('style.css');
    const licence = readFileSync(join(plot, 'LICENSE'), 'utf8').replaceAll('*/', '* /');
    loaded = {
      run: {
        style: `${readFileSync(join(plot, 'dist', 'uPlot.min.css'), 'utf8')}\n${style}`,
        script: `/*\n${licence}*/\n${readFileSync(join(plot, 'dist', 'uPlot.iife.min.js'), 'utf8')}\n(() => {\n'use strict';\n${scripts.map((name) => withoutModuleSyntax(own(name))).join('\n')}})();\n`,
      },
      overview: { style, script: `(() => {\n'use strict';\n${withoutModuleSyntax(own('theme.js'))}\nwireTheme(() => undefined);\n})();\n` },
    };
  }
  return loaded;
}

/**
 * The files are modules to the editor, the compiler and the linter; in the page they share one scope, so that there is
 * one script to allow. They import by plain names only, and no two of them declare the same name.
 */
function withoutModuleSyntax(module: string): string {
  return module.replaceAll(/^import .*\n/gm, '').replaceAll(/^export (?=function|const|let)/gm, '');
}
