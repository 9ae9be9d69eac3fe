import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Gives whom limits by address count. */
export function addressReader({ trustProxy }: { trustProxy: boolean }): (request: IncomingMessage) => string {
  return ({ headers, socket }) => {
    // The last one is by the proxy itself; those before it are what the caller says.
    const forwarded = trustProxy
      ? String(headers['x-forwarded-for'] ?? '')
          .split(',')
          .at(-1)
          ?.trim()
      : undefined;
    return blockOf(forwarded ? withoutPort(forwarded) : (socket.remoteAddress ?? 'unknown'));
  };
}

/** Some proxies write the port as well, which is another for each connection: `192.0.2.1:50000`, `[2001:db8::1]:50000`. */
const withoutPort = (entry: string) =>
  /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(entry)?.[1] ?? entry;

/** What one caller has: an IPv4 address, or the 64 bits of an IPv6 one that are given to a customer as a whole. */
export function blockOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const ip = ipaddr.process(address); // An IPv4 address inside an IPv6 one comes out as itself.
  return ip.kind() === 'ipv4'
    ? ip.toString()
    : `${(ip as ipaddr.IPv6).parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}/64`;
}
