import * as v from 'valibot';
import { parse } from '../../../protocol/parse';
import { Rotation } from '../../../protocol/rest/route';
import { TokenPost } from '../../../protocol/rest/tokens';
import { createToken, listTokens, revokeToken, rotateToken } from '../../access/tokens';
import { tokenOf } from '../../http/v2/resources';
import type { CreateCommands } from '../words';
import { WithId } from './withId';

export const tokenCommands: CreateCommands = (world) => ({
  async 'token create'(input) {
    const { token, row } = await createToken(world, parse(TokenPost, input, 'token create'));
    return { ...tokenOf(row), token };
  },
  async 'token list'() {
    return { tokens: (await listTokens(world)).map(tokenOf) };
  },
  async 'token rotate'(input) {
    const { id, overlap_seconds } = parse(v.object({ ...WithId.entries, ...Rotation.entries }), input, 'token rotate');
    const { token, row } = await rotateToken(world, id, overlap_seconds);
    return { ...tokenOf(row), token };
  },
  async 'token revoke'(input) {
    const { id } = parse(WithId, input, 'token revoke');
    await revokeToken(world, id);
    return { revoked: id };
  },
});
