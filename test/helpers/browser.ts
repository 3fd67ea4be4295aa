import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const path = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why pages cannot be tested here; with CI=true they are tested whatever comes of it. */
export const noBrowser: string | undefined = existsSync(path) || process.env['CI'] === 'true' ? undefined : `there is no browser at ${path}: install the package chromium, or name another with CHROMIUM`;

/** The distribution's Chromium, without a window. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: path });
}
