import { createServer } from 'node:net';

export type Addresses = { chat: string; bank: string; cards: string; bot: string; desk: string };

/** Ports in a row that the demo takes. */
const count = 5;
export const addressesAt = (base: number): Addresses => ({
  chat: `http://chat.localhost:${base}`,
  bank: `http://bank.localhost:${base + 1}`,
  cards: `http://cards.bank.localhost:${base + 2}`,
  bot: `http://bot.localhost:${base + 3}`,
  desk: `http://desk.bank.localhost:${base + 4}`,
});

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

export async function busyPorts(base: number): Promise<number[]> {
  const ports = Array.from({ length: count }, (_, at) => base + at);
  const free = await Promise.all(ports.map(isFree));
  return ports.filter((_, index) => !free[index]);
}

/**
 * The first of five free ports in a row. `wanted` (GUICHET_DEMO_PORT) is taken at its word; without it the demo moves
 * on in steps of ten.
 *
 * @throws Error that says which port is taken or wrong
 */
export async function choosePorts(wanted: string | undefined, say: (text: string) => void): Promise<number> {
  if (wanted) {
    const base = Number(wanted);
    if (!/^\d+$/.test(wanted) || base < 1 || base > 65_531) {
      throw new Error(`GUICHET_DEMO_PORT has to be a port number from 1 to 65531; it is "${wanted}".`);
    }
    const busy = await busyPorts(base);
    if (busy.length === 0) return base;
    throw new Error(
      `GUICHET_DEMO_PORT=${base} needs the ports ${base} to ${base + 4}, but of these ${busy.join(', ')} can't be had. ` +
        'Stop what is there, choose another one, or leave GUICHET_DEMO_PORT out.',
    );
  }
  const first = 4180;
  for (let base = first; base < first + 200; base += 10) {
    const busy = await busyPorts(base);
    if (busy.length > 0) continue;
    if (base !== first) say(`The ports ${first} to ${first + 4} are taken; this demo uses ${base} to ${base + 4}.`);
    return base;
  }
  throw new Error('No five free ports found from 4180 to 4380. Set GUICHET_DEMO_PORT to the first of five free ones.');
}
