import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';

/** Thrown at connect time when a hook's address is not one that the public may be reached at. */
export class PrivateAddress extends Error {
  constructor(host: string) {
    super(`${host} is, or resolves to, a private, loopback or reserved address`);
    this.name = 'PrivateAddress';
  }
}

/** IPv6 ranges that ipaddr.js calls unicast but that lead elsewhere or nowhere: only 2000::/3 is the public's. */
const publicV6 = ipaddr.IPv6.parseCIDR('2000::/3');
const embeddedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '64:ff9b::/96', '3fff::/20'].map((range) =>
  ipaddr.IPv6.parseCIDR(range),
);

/** Addresses in public ranges that lead to the machines of a cloud itself: Azure's wire server, which gives out credentials. */
const ofClouds = new Set(['168.63.129.16']);

export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address); // An IPv4 address inside an IPv6 one comes out as itself.
  if (ip.range() !== 'unicast') return false;
  if (ip.kind() === 'ipv4') return !ofClouds.has(ip.toString());
  const v6 = ip as ipaddr.IPv6;
  return v6.match(publicV6) && !embeddedV6.some((range) => v6.match(range));
}

/** `*.localhost` is the loopback by definition (RFC 6761), but not every resolver knows. */
export const isLocalhost = (hostname: string) => /(?:^|\.)localhost\.?$/.test(hostname);

/**
 * An HTTP agent for what the business names: checks IP literals itself (a lookup hook isn't called for them) and every
 * address that a name resolves to, and connects to those very addresses, so that a name can't change its mind in between.
 */
export function guardedAgent(allowPrivate: boolean, resolve: typeof dnsLookup = dnsLookup): Agent {
  const lookup: LookupFunction = (hostname, options, callback) => {
    if (isLocalhost(hostname)) {
      if (!allowPrivate) return callback(new PrivateAddress(hostname), '', 4);
      return options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
    }
    resolve(hostname, { all: true, ...(options.family ? { family: options.family } : {}) }, (error, addresses) => {
      if (error) return callback(error, '', 4);
      if (!allowPrivate && addresses.some(({ address }) => !isPublic(address)))
        return callback(new PrivateAddress(hostname), '', 4);
      const [first] = addresses;
      if (!first) return callback(new Error(`${hostname} has no address`), '', 4);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ timeout: 5_000, lookup });
  return new Agent({
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) && !allowPrivate && !isPublic(host)) return callback(new PrivateAddress(host), null);
      return connect(options, callback);
    },
    headersTimeout: 15_000,
    bodyTimeout: 15_000,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 16_384,
  });
}
