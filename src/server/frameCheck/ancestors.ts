/**
 * Who may frame a page, by what its headers say: `frame-ancestors` of each Content-Security-Policy (all of them have to
 * agree), else `X-Frame-Options`, which browsers look at only where there is no `frame-ancestors`.
 *
 * @see https://www.w3.org/TR/CSP3/#directive-frame-ancestors
 */
export type Framing =
  | { by: 'frame-ancestors'; policies: string[][] }
  | { by: 'x-frame-options'; value: string }
  | { by: 'nothing' };

export function framingOf(headers: { csp: readonly string[]; xFrameOptions: readonly string[] }): Framing {
  // A comma parts two policies, in one header as well as between two.
  const policies = headers.csp
    .flatMap((header) => header.split(','))
    .map(frameAncestors)
    .filter((sources) => sources !== undefined);
  if (policies.length > 0) return { by: 'frame-ancestors', policies };
  const value = headers.xFrameOptions.join(', ').trim().toLowerCase();
  return value ? { by: 'x-frame-options', value } : { by: 'nothing' };
}

/** The sources of a policy's first `frame-ancestors`; a second one doesn't count. */
function frameAncestors(policy: string): string[] | undefined {
  for (const directive of policy.split(';')) {
    const [name = '', ...sources] = directive.trim().split(/\s+/);
    if (name.toLowerCase() === 'frame-ancestors') return sources.filter((source) => source !== "'none'");
  }
  return undefined;
}

/** Whether every policy lets a document of `ancestor` be above the page. */
export function mayFrame(framing: Framing, page: URL, ancestor: string): boolean {
  switch (framing.by) {
    case 'nothing':
      return true;
    case 'x-frame-options':
      // Values that no browser knows, ALLOW-FROM among them, are passed over.
      return (
        !/\b(?:deny|sameorigin)\b/.test(framing.value) || (!/\bdeny\b/.test(framing.value) && page.origin === ancestor)
      );
    case 'frame-ancestors':
      return framing.policies.every((sources) => sources.some((source) => matches(source, page, new URL(ancestor))));
  }
}

const standardPorts: Record<string, string> = { 'http:': '80', 'https:': '443' };
const portOf = (url: URL) => url.port || standardPorts[url.protocol] || '';

/** A source of CSP against an origin: `'self'`, `*`, `https:`, `host`, `*.host:port`, `https://host:*`. */
function matches(source: string, page: URL, origin: URL): boolean {
  const text = source.toLowerCase();
  if (text === "'self'")
    return (
      isSameOrSafer(page.protocol, origin.protocol) && page.hostname === origin.hostname && hasSelfPort(page, origin)
    );
  if (text === '*') return origin.protocol === 'http:' || origin.protocol === 'https:';
  const scheme = /^([a-z][a-z0-9+.-]*):$/.exec(text)?.[1];
  if (scheme) return isSameOrSafer(`${scheme}:`, origin.protocol);
  const [, itsScheme, host = '', port] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:]+\])(?::(\d+|\*))?(?:\/.*)?$/.exec(text) ?? [];
  if (!host) return false;
  if (!isSameOrSafer(itsScheme ? `${itsScheme}:` : page.protocol, origin.protocol)) return false;
  if (
    host === '*' ? false : host.startsWith('*.') ? !origin.hostname.endsWith(host.slice(1)) : origin.hostname !== host
  )
    return false;
  if (port === '*') return true;
  const itsPort = portOf(origin);
  if (port) return itsPort === port || (port === '80' && itsPort === '443' && origin.protocol === 'https:');
  return itsPort === standardPorts[origin.protocol];
}

/** `http` in a policy takes `https` too. */
const isSameOrSafer = (wanted: string, given: string) => wanted === given || (wanted === 'http:' && given === 'https:');
const hasSelfPort = (page: URL, origin: URL) =>
  portOf(page) === portOf(origin) || (page.protocol === 'http:' && portOf(page) === '80' && portOf(origin) === '443');
