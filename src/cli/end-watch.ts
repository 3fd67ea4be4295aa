import { Socket } from 'node:net';
import { exitCodes } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Everything that asks the program to end before its work is done. */
export interface EndWatch {
  /** Aborts at the first such request, with a reason for the journal. */
  readonly signal: AbortSignal;
  /** Why stdout cannot be written any more, where that is not just a reader who has left (`| head`). */
  readonly brokenOutput: Error | undefined;
  stop(): void;
}

/**
 * Ctrl-C, SIGTERM, SIGHUP, a reader of the output who is gone, and the end of the launcher all end
 * the program alike: quietly, with everything shut down. Asked a second time, it ends at once.
 */
export function watchForEnd(): EndWatch {
  const stopping = new AbortController();
  let brokenOutput: Error | undefined;
  const request = (name: string): void => stopping.abort(new Error(name === 'SIGINT' ? 'interrupted by Ctrl-C' : `ended by ${name}`));
  const handlers = signals.map((name) => {
    const handler = atSecondCall(() => request(name));
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    // EPIPE: a pipe without a reader; EIO: a terminal that was closed.
    const left = error.code === 'EPIPE' || error.code === 'EIO';
    if (!left) brokenOutput ??= error;
    stopping.abort(left ? new Error('the reader of the output is gone') : new Error(`the output cannot be written: ${error.message}`));
  };
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', onOutputError);
  const launcher = watchLauncher(() => request('SIGINT'), () => stopping.abort(new Error('the program that started this one is gone')));
  return {
    signal: stopping.signal,
    get brokenOutput() {
      return brokenOutput;
    },
    stop: () => {
      for (const off of handlers) off();
      launcher?.destroy();
    },
  };
}

/** Whoever asks again does not want to wait. What was started ends with this process. */
function atSecondCall(first: () => void): () => void {
  let calls = 0;
  return () => {
    calls += 1;
    first();
    if (calls > 1) process.exit(exitCodes.interrupted);
  };
}

/**
 * The launcher (an older Node that started this one) holds the other end of a pipe: each byte is a
 * SIGINT that it was sent, and its end is the launcher's. A SIGINT sent on as a signal would come
 * twice from a terminal, which sends it to both.
 */
function watchLauncher(onInterrupt: () => void, onGone: () => void): Socket | undefined {
  const descriptor = process.env.NETRA_LAUNCHER_FD;
  if (descriptor === undefined) return undefined;
  const pipe = new Socket({ fd: Number(descriptor) });
  const interrupted = atSecondCall(onInterrupt);
  pipe.on('data', (bytes) => {
    for (const _ of bytes) interrupted();
  });
  pipe.on('close', onGone);
  pipe.on('error', () => pipe.destroy());
  pipe.unref();
  return pipe;
}
