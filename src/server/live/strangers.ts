import type { Server, Socket } from 'socket.io';

/** Frames that a connection may send before it has logged in: once is enough, and a few more are a client's that lost its session. */
const mostFrames = 20;

/**
 * Ends connections that go on talking without having logged in. Each of their frames is looked up and answered, and no customer's or
 * token's limit counts it; who says nothing is ended by socket.io itself (`connectTimeout`).
 */
export function limitStrangers(io: Server): void {
  const strangers = new WeakSet<Socket['conn']>();
  io.engine.on('connection', (conn: Socket['conn']) => {
    let frames = 0;
    strangers.add(conn);
    conn.on('data', () => {
      if (!strangers.has(conn)) return;
      frames += 1;
      if (frames > mostFrames) conn.close(true);
    });
  });
  io.on('connection', ({ conn }: Socket) => void strangers.delete(conn));
}
