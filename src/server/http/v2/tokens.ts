import type { tokenRoutes } from '../../../protocol/rest/tokens';
import { createToken, getToken, listTokens, requireScope, revokeToken, rotateToken } from '../../access/tokens';
import type { World } from '../../world';
import type { Handlers } from './door';
import { tokenOf } from './resources';

export function tokenHandlers(world: World): Pick<Handlers, keyof typeof tokenRoutes> {
  return {
    listTokens: async () => ({ tokens: (await listTokens(world)).map(tokenOf) }),
    async createToken({ token, body }) {
      for (const scope of body.scopes) requireScope(token, scope); // A token can't give what it doesn't have.
      const made = await createToken(world, body);
      return { ...tokenOf(made.row), token: made.token };
    },
    async rotateToken({ token, param, body }) {
      const id = param('token_id');
      // Whoever rotates a token has it from then on: the same rule as for making one.
      for (const scope of (await getToken(world, id)).scopes) requireScope(token, scope);
      const made = await rotateToken(world, id, body.overlap_seconds);
      return { ...tokenOf(made.row), token: made.token };
    },
    async revokeToken({ param }) {
      await revokeToken(world, param('token_id'));
      return undefined;
    },
  };
}
