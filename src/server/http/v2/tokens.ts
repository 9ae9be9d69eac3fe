import type { tokenRoutes } from '../../../protocol/rest/tokens';
import { createToken, listTokens, requireScope, revokeToken } from '../../access/tokens';
import type { World } from '../../world';
import type { Handlers } from './door';
import { tokenOf } from './resources';

export function tokenHandlers(world: World): Pick<Handlers, keyof typeof tokenRoutes> {
  return {
    listTokens: async () => ({ tokens: (await listTokens(world)).map(tokenOf) }),
    async createToken({ token, body }) {
      for (const scope of body.scopes) requireScope(token, scope); // A token can't give what it doesn't have.
      const made = await createToken(world, { name: body.name, scopes: body.scopes, actor: body.actor });
      return { ...tokenOf(made.row), token: made.token };
    },
    async revokeToken({ param }) {
      await revokeToken(world, param('token_id'));
      return undefined;
    },
  };
}
