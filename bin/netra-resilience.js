#!/usr/bin/env node
// Plain JavaScript that any Node can read: decides which Node the program runs on before loading it.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const required = [22, 22];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > required[0] || (major === required[0] && minor >= required[1])) {
  await start().catch(explainMissingBuild);
} else {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(`netra-resilience needs Node ${required.join('.')} or newer and was started by ${process.versions.node}; run \`npm ci\` in its folder (it brings a Node of its own), or install a newer Node.\n`);
    process.exitCode = 64;
  } else {
    runOn(node);
  }
}

/** Compiled code is kept between runs, for this process and those that it starts: a fleet loads its libraries many times over. */
async function start() {
  const [{ cacheFolder }, { makeFolder }] = await Promise.all([import('../dist/infra/cache-folder.js'), import('../dist/core/make-folder.js')]);
  const folder = process.env.NODE_COMPILE_CACHE ?? join(cacheFolder(process.env), 'compiled');
  // Node is not given a folder that cannot be made: it would try for ever. Without one everything works, more slowly.
  const usable = await makeFolder(folder).then(() => true, () => false);
  if (usable) {
    process.env.NODE_COMPILE_CACHE = folder;
    module.enableCompileCache(folder);
  }
  await import('../dist/cli/main.js');
}

/** The npm package `node` holds a whole Node; undefined where it is not installed. */
function bundledNode() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    return undefined;
  }
}

/**
 * The child gets the terminal's Ctrl-C itself; one that was sent to this process alone is told as a byte on a pipe, so that it
 * does not count twice. The pipe's end tells that this process is gone.
 */
function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, NETRA_LAUNCHER_FD: '3' },
  });
  const pipe = child.stdio[3];
  pipe.on('error', () => undefined); // The child is gone: its exit is told below.
  process.on('SIGINT', () => pipe.write('\n'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`netra-resilience could not start its own Node (${node}): ${error.message}; run \`npm ci\` again.\n`);
    process.exitCode = 70;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP' ? 130 : 70);
    pipe.destroy();
  });
}

function explainMissingBuild(error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes(join('dist', ''))) throw error;
  process.stderr.write('netra-resilience is not built; run `npm ci` or `npm run build` in its folder.\n');
  process.exitCode = 70;
}
