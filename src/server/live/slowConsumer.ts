import type { Socket } from 'socket.io';

/**
 * Ends a connection that doesn't take what it is told: without this, what waits for it would grow in memory for as long as
 * it goes on answering pings. Nothing is lost: the client comes back with its cursors and catches up.
 *
 * What the network has taken over (at most as much again) isn't counted.
 *
 * @param most bytes that may wait
 * @param onEnd is told before the connection goes
 */
export function endSlowConsumer(conn: Socket['conn'], most: number, onEnd: () => void): void {
  let waiting = 0;
  conn.on('flush', () => {
    waiting = 0;
  });
  conn.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
    waiting += data?.length ?? 0;
    if (waiting <= most || conn.readyState !== 'open') return;
    onEnd();
    conn.close(true);
  });
}
