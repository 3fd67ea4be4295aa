import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../../core/clock.ts';
import { AgentError } from '../agents/error-codes.ts';
import { correlationIdOf } from './correlation-header.ts';
import type { EventHub } from './event-hub.ts';
import type { HttpServer } from './http-server.ts';
import { answerRaw } from './raw-answer.ts';

/** A watcher that lags by more than this is cut off: it can come again and gets the newest events then. */
const bufferLimitBytes = 8 * 1024 * 1024;
/** A watcher that does not answer the closing handshake within this is not waited for. */
const closeTimeoutMs = 300;

export interface EventSocket {
  /** Tells all watchers that the host goes; resolves once none is left. */
  close(): Promise<void>;
}

/** WebSocket `/events[?after=<event_no>]`: one JSON object a message, first what is kept, then everything as it comes. */
export function serveEvents(http: HttpServer, hub: EventHub, clock: Clock, limitBytes = bufferLimitBytes): EventSocket {
  const sockets = new WebSocketServer({ noServer: true });
  http.server.on('upgrade', (request, socket, head) => {
    // Node has taken its own listener off: an error here would end the process.
    socket.on('error', () => socket.destroy());
    const refuse = (status: number, error: AgentError): void => answerRaw(socket, status, error, correlationIdOf(request.headers));
    const url = URL.parse(request.url ?? '/', 'http://host');
    if (url === null) return refuse(400, new AgentError('REQUEST_INVALID', 'the request target is no path'));
    if (url.pathname !== '/events') return refuse(404, new AgentError('NOT_FOUND', `${url.pathname}: no WebSocket here; events are at /events`));
    if (!http.authorized(request.headers, url)) return refuse(401, new AgentError('UNAUTHORIZED', `${url.pathname} needs the bearer token of the run`));
    const after = Number(url.searchParams.get('after') ?? 0);
    if (!Number.isSafeInteger(after)) return refuse(400, new AgentError('REQUEST_INVALID', 'after= is the number of an event'));
    sockets.handleUpgrade(request, socket, head, (webSocket) => watch(webSocket, hub, after, limitBytes));
  });
  return {
    close: async () => {
      for (const socket of sockets.clients) socket.close(1001, 'host is shutting down');
      const cancel = clock.setTimer(closeTimeoutMs, () => {
        for (const socket of sockets.clients) socket.terminate();
      });
      await Promise.all([...sockets.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
      cancel();
      sockets.close();
    },
  };
}

function watch(socket: WebSocket, hub: EventHub, after: number, limitBytes: number): void {
  const stop = hub.watch((event) => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > limitBytes) socket.terminate();
    else socket.send(JSON.stringify(event));
  }, after);
  socket.on('close', stop);
  // A broken connection closes as well; without a listener the error would end the process.
  socket.on('error', () => socket.terminate());
}
