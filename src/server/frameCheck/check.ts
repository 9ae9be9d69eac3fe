import { type Dispatcher, request } from 'undici';
import { GuichetError } from '../../protocol/errors';
import type { FrameCheck } from '../../protocol/rest/webViews';
import type { Mount } from '../../protocol/webview';
import { getSite, listSites, type Site } from '../access/sites';
import { sameSiteHosts } from '../access/webViewModes';
import { checkWebViewUrl } from '../access/webViewUrls';
import { guardedAgent } from '../webhooks/guard';
import type { World } from '../world';
import { framingOf, mayFrame } from './ancestors';

/** Milliseconds that the page has for its headers. */
const patience = 10_000;

/**
 * Asks a page for its headers and says whether it can be shown as a web view of a site, and what to change if not. The
 * body is not read, and redirects are not followed: where the page leads elsewhere, that is to be checked.
 *
 * @param wanted.mount `host`: in the host page, which then is the only one around it
 * @param allowPrivateNetwork else nothing is asked of private and loopback addresses
 * @throws GuichetError SITE_NOT_FOUND; INVALID_VALUE when no site is named and there are several
 */
export async function checkFraming(
  world: World,
  allowPrivateNetwork: boolean,
  wanted: { url: string; site?: string | undefined; mount?: Mount | undefined },
): Promise<FrameCheck> {
  const site = wanted.site === undefined ? await onlySite(world) : await getSite(world, wanted.site);
  const url = new URL(wanted.url);
  const { hosts } = site.settings;
  const ancestors = wanted.mount === 'host' ? sameSiteHosts(site.settings, url.origin) : [world.origin, ...hosts];
  const add = `Content-Security-Policy: frame-ancestors ${ancestors.join(' ') || hosts.join(' ')}`;
  const problems: FrameCheck['problems'] = [];
  try {
    checkWebViewUrl(url.href, site.settings, world.origin);
    if (ancestors.length === 0) throw notInHost(url, hosts);
  } catch (error) {
    if (!(error instanceof GuichetError)) throw error;
    problems.push({ code: 'url_refused', message: error.message });
  }
  const agent = guardedAgent(allowPrivateNetwork);
  const answer = await headersOf(url, agent).finally(() => agent.destroy());
  if ('failure' in answer) {
    problems.push({ code: 'not_reached', message: answer.failure });
    return { url: url.href, can_be_framed: false, problems, add };
  }
  const { status, headers } = answer;
  if (status >= 300 && status < 400) {
    const to = String(headers.location ?? 'nowhere').slice(0, 500);
    problems.push({
      code: 'redirect',
      message: `It answers ${status} and leads to ${to}: check that page, or name it in the button.`,
    });
  } else if (status >= 400) {
    problems.push({ code: 'not_found', message: `It answers ${status}.` });
  }
  const framing = framingOf({
    csp: listOf(headers['content-security-policy']),
    xFrameOptions: listOf(headers['x-frame-options']),
  });
  const refused = ancestors.filter((origin) => !mayFrame(framing, url, origin));
  if (framing.by === 'nothing') {
    problems.push({
      code: 'open_to_all',
      message: 'It has no frame-ancestors: anybody may frame it, and play the chat with a code of their own.',
    });
  } else if (
    framing.by === 'frame-ancestors' &&
    !framing.policies.some((sources) => sources.length === 0) &&
    mayFrame(framing, url, 'https://somebody-else.example')
  ) {
    problems.push({
      code: 'open_to_all',
      message: 'Its frame-ancestors lets anybody frame it, who could play the chat with a code of their own.',
    });
  }
  if (refused.length > 0) {
    const by =
      framing.by === 'frame-ancestors'
        ? 'frame-ancestors'
        : `X-Frame-Options: ${framing.by === 'x-frame-options' ? framing.value : ''}`;
    problems.push({
      code: 'refused',
      message: `Its ${by} lets ${refused.join(' and ')} not frame it: ${ancestors.length > 1 ? 'all that stand around it' : 'the page around it'} must be named.`,
    });
  }
  const isShown = refused.length === 0 && problems.every(({ code }) => code === 'open_to_all');
  return { url: url.href, status, can_be_framed: isShown, problems, ...(problems.length > 0 ? { add } : {}) };
}

const notInHost = (url: URL, hosts: string[]) =>
  new GuichetError(
    'WEB_VIEW_URL_REFUSED',
    `${url.origin} is of another site than ${hosts.join(' and ')}: it can't stand in the host page.`,
  );

async function onlySite(world: World): Promise<Site> {
  const sites = await listSites(world);
  const [site] = sites;
  if (site && sites.length === 1) return site;
  const ids = sites.map(({ id }) => id).join(', ') || 'none yet';
  throw new GuichetError('INVALID_VALUE', `site: name the one on which the page is to open (${ids}).`);
}

type Headers = Record<string, string | string[] | undefined>;

async function headersOf(
  url: URL,
  agent: Dispatcher,
): Promise<{ status: number; headers: Headers } | { failure: string }> {
  try {
    const { statusCode, headers, body } = await request(url, {
      method: 'GET',
      headers: { accept: 'text/html', 'user-agent': 'Guichet-Web-View-Check/1' },
      dispatcher: agent,
      signal: AbortSignal.timeout(patience),
    });
    body.on('error', () => {});
    body.destroy();
    return { status: statusCode, headers };
  } catch (error) {
    return { failure: `It could not be reached: ${error instanceof Error ? error.message : error}`.slice(0, 300) };
  }
}

const listOf = (header: string | string[] | undefined) =>
  header === undefined ? [] : Array.isArray(header) ? header : [header];
