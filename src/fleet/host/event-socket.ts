import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { EventHub } from './event-hub.ts';
import type { HttpServer } from './http-server.ts';

/** A watcher that lags by more than this is cut off: it can come again and gets the newest events then. */
const bufferLimitBytes = 8 * 1024 * 1024;

/** WebSocket `/events`: one JSON object a message, first what is kept, then everything as it comes. */
export function serveEvents(http: HttpServer, hub: EventHub): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true });
  const server: Server = http.server;
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://host');
    if (url.pathname !== '/events' || !http.authorized(request.headers, url)) {
      socket.end(`HTTP/1.1 ${url.pathname === '/events' ? '401 Unauthorized' : '404 Not Found'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => watch(webSocket, hub));
  });
  return {
    close: () => {
      for (const socket of sockets.clients) socket.close(1001, 'host is shutting down');
      sockets.close();
    },
  };
}

function watch(socket: WebSocket, hub: EventHub): void {
  const stop = hub.watch((event) => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > bufferLimitBytes) socket.terminate();
    else socket.send(JSON.stringify(event));
  });
  socket.on('close', stop);
  // A broken connection closes as well; without a listener the error would end the process.
  socket.on('error', () => socket.terminate());
}
