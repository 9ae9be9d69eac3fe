import type { webViewRoutes } from '../../../protocol/rest/webViews';
import type { ApiToken } from '../../access/tokens';
import { getConversation } from '../../conversations/conversations';
import { getUser } from '../../conversations/users';
import { exchangeCode } from '../../conversations/webViewCodes';
import { closeWebView, updateWebView } from '../../conversations/webViewLife';
import { submit } from '../../conversations/webViewSubmit';
import { getWebView } from '../../conversations/webViews';
import { checkFraming } from '../../frameCheck/check';
import type { World } from '../../world';
import { actorOf } from './actor';
import type { Handlers } from './door';
import { userIdOf, webViewOf } from './resources';

export function webViewHandlers(
  world: World,
  options: { allowPrivateNetwork: boolean },
): Pick<Handlers, keyof typeof webViewRoutes> {
  return {
    checkWebView: ({ body }) => checkFraming(world, options.allowPrivateNetwork, body),
    async exchangeWebViewCode({ body }) {
      const view = await exchangeCode(world, body.code);
      const conversation = await getConversation(world, view.conversation_id);
      const user = await getUser(world, conversation.user_id);
      return {
        web_view_id: view.id,
        conversation_id: view.conversation_id,
        message_id: view.message_id,
        user_id: user.id,
        ...(user.reference_id ? { reference_id: user.reference_id } : {}),
        origin: view.origin,
        ...(view.data_json ? { data: JSON.parse(view.data_json) } : {}),
      };
    },
    getWebView: async ({ token, param }) =>
      webViewOf(await getWebView(world, param('web_view_id')), await userIdOf(world, param('web_view_id')), token),
    async updateWebView({ token, param, body }) {
      const view = await updateWebView(world, param('web_view_id'), await actorOf(world, token), body);
      return webViewOf(view, await userIdOf(world, view.id), token);
    },
    async submitWebView({ token, param, body }) {
      const view = await submitted(world, token, param('web_view_id'), body);
      return webViewOf(view, await userIdOf(world, view.id), token);
    },
    async closeWebView({ token, param, body }) {
      const id = param('web_view_id');
      const { result } = body;
      const view = result
        ? await submitted(world, token, id, { result, summary: body.summary })
        : await closeWebView(world, id, 'business', await actorOf(world, token));
      return webViewOf(view, await userIdOf(world, id), token);
    },
  };
}

async function submitted(
  world: World,
  token: ApiToken,
  id: string,
  body: { result: Record<string, unknown>; summary?: string | undefined },
) {
  const key = `business:${JSON.stringify([body.result, body.summary ?? null])}`;
  return submit(world, id, { ...body, source: 'business', actor: await actorOf(world, token), key });
}
