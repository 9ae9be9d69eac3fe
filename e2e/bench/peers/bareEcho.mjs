/** A socket.io server that acknowledges and does nothing else; e2e/bench/message.ts compares with it. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
new Server(http).on('connection', (socket) => {
  socket.on('send', (message, acknowledge) => acknowledge({ ok: true, value: message.client_id }));
});
http.listen(0, '127.0.0.1', () => process.send?.(http.address().port));
process.once('disconnect', () => process.exit());
