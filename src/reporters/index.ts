import { github } from './github.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { Reporter } from './reporter.ts';

/** Every format that `--reporter` takes. */
export const reporters: readonly Reporter[] = [json, junit, markdown, html, github];
