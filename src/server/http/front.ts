import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { agentSocketPath } from '../../protocol/agentLive';
import { socketPath } from '../../protocol/live';

/** Milliseconds for a request to come whole; uploads have longer, as long as something comes. */
const standard = { request: 30_000, silence: 30_000, upload: 900_000, farewell: 2_000 };

/**
 * The server that listens. What is addressed to the files' own host goes to their door and never further: neither the widget
 * nor the API nor the socket exist there. All else goes to `app`, where the socket may hang itself in as well.
 */
export function frontServer(
  app: Server,
  files: { host: string; door: RequestListener } | undefined,
  patience = standard,
): Server {
  const isForFiles = ({ headers }: IncomingMessage) =>
    files !== undefined && (headers.host ?? '').toLowerCase() === files.host;
  const front = createServer((request, response) => {
    hurry(request, patience);
    if (isForFiles(request)) files?.door(request, response);
    else app.emit('request', request, response);
  });
  front.on('upgrade', (request, socket, head) => {
    // Nobody else listens before it is a WebSocket, and an error that nobody hears ends the process.
    socket.on('error', () => socket.destroy());
    // Who was refused and goes on sending is read by nobody: without this its connection would stay for ever.
    socket.once('finish', () => setTimeout(() => socket.destroy(), patience.farewell).unref());
    if (isForFiles(request) || !isOfSockets(request)) socket.destroy();
    else app.emit('upgrade', request, socket, head);
  });
  front.headersTimeout = 15_000;
  front.requestTimeout = patience.upload;
  return front;
}

const socketPaths = [socketPath, agentSocketPath];
const isOfSockets = ({ url = '' }: IncomingMessage) => socketPaths.some((path) => url.startsWith(path));

const isUpload = ({ method, url }: IncomingMessage) =>
  method === 'POST' && /^\/+(?:v2\/+(?:images|files)\/+upload|widget\/v1\/files)\/*(?:\?|$)/.test(url ?? '');

/** Whoever sends a body slowly would hold the connection for ever. */
function hurry(request: IncomingMessage, patience: typeof standard): void {
  if (request.complete) return;
  const drop = () => {
    if (!request.complete) request.destroy();
  };
  if (isUpload(request)) {
    let before = -1;
    const watch = setInterval(() => {
      if (request.complete || request.socket.bytesRead === before) drop();
      before = request.socket.bytesRead;
    }, patience.silence);
    request.once('close', () => clearInterval(watch));
    return;
  }
  const timer = setTimeout(drop, patience.request);
  request.once('end', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
}
