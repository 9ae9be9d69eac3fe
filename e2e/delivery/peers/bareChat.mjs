/**
 * A chat as socket.io's own guide would have it: rooms, acknowledgements, a page of history when a page is opened. What is
 * acknowledged is on disk. With `recovery`, connection state recovery too. The torture run puts it through the same faults as
 * Guichet.
 *
 *   node bareChat.mjs PORT FILE plain|recovery
 */
import { existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const [port = '0', file = '', variant = 'plain'] = process.argv.slice(2);

/** @typedef {{ room: string, seq: number, id: string, client_id: string, text: string, by: string }} Stored */
/** @type {Map<string, Stored[]>} */
const rooms = new Map();
const logOf = (/** @type {string} */ room) => {
  const log = rooms.get(room) ?? [];
  rooms.set(room, log);
  return log;
};
if (existsSync(file)) {
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const stored = JSON.parse(line);
    logOf(stored.room).push(stored);
  }
}
const disk = openSync(file, 'a');

const http = createServer((_request, response) => {
  response.end(JSON.stringify([...rooms.values()].flat()));
});
const io = new Server(http, {
  // Not its defaults: it notices a dead connection within 9 s instead of 45, so that the run needn't wait so long for it.
  pingInterval: 5_000,
  pingTimeout: 4_000,
  ...(variant === 'recovery' ? { connectionStateRecovery: {} } : {}),
});
io.on('connection', (socket) => {
  socket.join(socket.handshake.auth.rooms);
  socket.on('history', (room, acknowledge) => acknowledge(logOf(room)));
  socket.on('send', ({ room, client_id, text, by }, acknowledge) => {
    const log = logOf(room);
    const stored = { room, seq: log.length + 1, id: `${room}-${log.length + 1}`, client_id, text, by };
    writeSync(disk, `${JSON.stringify(stored)}\n`);
    fsyncSync(disk);
    log.push(stored);
    io.to(room).emit('message', stored);
    acknowledge(stored);
  });
});
http.listen(Number(port), '127.0.0.1', () => console.log('listening'));
process.once('disconnect', () => process.exit());
