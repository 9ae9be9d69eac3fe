import { createHash, randomBytes } from 'node:crypto';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import type { World } from '../world';
import { getWebView, refuseStrict, type WebViewRow } from './webViews';

/** A one-time code for the page's backend; only its hash is kept. */
export async function makeCode(world: World, view: WebViewRow): Promise<string> {
  refuseStrict(view, 'get a one-time code');
  if (view.state !== 'open') throw new GuichetError('WEB_VIEW_CLOSED', 'The web view is not open.');
  const code = `gcc_${randomBytes(32).toString('base64url')}`;
  await world.store.db
    .insertInto('web_view_codes')
    .values({ hash: hashOf(code), web_view_id: view.id, expires: world.now() + limits.oneTimeCode * 1_000 })
    .execute();
  return code;
}

/** Once, within its minute, and only while the view is open. @throws GuichetError CODE_INVALID */
export async function exchangeCode(world: World, code: string): Promise<WebViewRow> {
  const invalid = new GuichetError(
    'CODE_INVALID',
    'The code is unknown, used or expired, or its web view is no longer open. Take the one from the latest welcome.',
  );
  const used = await world.store.db
    .deleteFrom('web_view_codes')
    .where('hash', '=', hashOf(code))
    .where('expires', '>', world.now())
    .returning('web_view_id')
    .executeTakeFirst();
  if (!used) throw invalid;
  const view = await getWebView(world, used.web_view_id);
  if (view.state !== 'open' || view.expires <= world.now()) throw invalid;
  return view;
}

const hashOf = (code: string) => createHash('sha256').update(code).digest('base64url');
