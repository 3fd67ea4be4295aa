import type * as screenModule from '../../tui/terminal/mount.tsx';

/**
 * Ink and React, loaded only where there is a screen. React decides at its loading which of its builds it
 * is, and the one for development is several times slower; hosts must not inherit that setting.
 */
export async function loadScreen(): Promise<typeof screenModule> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    return await import('../../tui/terminal/mount.tsx');
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
