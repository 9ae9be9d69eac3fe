import * as v from 'valibot';
import { parse } from '../../../protocol/parse';
import { Rotation } from '../../../protocol/rest/route';
import { TokenPost } from '../../../protocol/rest/tokens';
import { createToken, listTokens, revokeToken, rotateToken } from '../../access/tokens';
import { tokenOf } from '../../http/v2/resources';
import { required, requiredList, seconds, type Topic, UsageError, WithId } from '../words';

export const tokenTopic: Topic = {
  usage: `guichet token create --name NAME --scope SCOPE [--scope …] [--bot | --agent | --agent-id ID]
guichet token list
guichet token rotate ID [--overlap 24h]
guichet token revoke ID`,
  phrases: {
    'token create': {
      takes: ['name', 'scope', 'bot', 'agent', 'agent-id'],
      input: (_, flags) => {
        if (Number(!!flags.bot) + Number(!!flags.agent) + Number(flags['agent-id'] !== undefined) > 1)
          throw new UsageError('--bot, --agent and --agent-id exclude each other.');
        return {
          name: required(flags.name, '--name'),
          scopes: requiredList(flags.scope, '--scope'),
          ...(flags.bot ? { actor: 'bot' } : flags.agent ? { actor: 'agent' } : {}),
          ...(flags['agent-id'] !== undefined ? { agent_id: flags['agent-id'] } : {}),
        };
      },
    },
    'token list': { takes: [], input: () => ({}) },
    'token rotate': {
      id: 'a token id',
      takes: ['overlap'],
      input: (id, flags) => ({
        id,
        ...(flags.overlap ? { overlap_seconds: seconds(flags.overlap, '--overlap') } : {}),
      }),
    },
    'token revoke': { id: 'a token id', takes: [], input: (id) => ({ id }) },
  },
  commands: (world) => ({
    async 'token create'(input) {
      const { token, row } = await createToken(world, parse(TokenPost, input, 'token create'));
      return { ...tokenOf(row), token };
    },
    async 'token list'() {
      return { tokens: (await listTokens(world)).map(tokenOf) };
    },
    async 'token rotate'(input) {
      const { id, overlap_seconds } = parse(
        v.object({ ...WithId.entries, ...Rotation.entries }),
        input,
        'token rotate',
      );
      const { token, row } = await rotateToken(world, id, overlap_seconds);
      return { ...tokenOf(row), token };
    },
    async 'token revoke'(input) {
      const { id } = parse(WithId, input, 'token revoke');
      await revokeToken(world, id);
      return { revoked: id };
    },
  }),
};
