import type { Post } from '../../webhooks/post';
import type { createSigner } from '../../webhooks/sign';
import type { World } from '../../world';
import { channelHandlers } from './channels';
import { conversationHandlers } from './conversations';
import type { Handlers } from './door';
import { eventHandlers } from './events';
import { fileHandlers } from './files';
import { peopleHandlers } from './people';
import { siteHandlers } from './sites';
import { tokenHandlers } from './tokens';
import { userHandlers } from './users';
import { webhookHandlers } from './webhooks';
import { webViewHandlers } from './webViews';

/** One handler a route: call the rule, reply. */
export function v2Handlers(
  world: World,
  options: { allowPrivateNetwork: boolean; publicKey: string; post: Post; sign: ReturnType<typeof createSigner> },
): Handlers {
  return {
    ...conversationHandlers(world),
    ...userHandlers(world),
    ...peopleHandlers(world),
    ...channelHandlers(world),
    ...eventHandlers(world),
    ...fileHandlers(world),
    ...webViewHandlers(world, options),
    ...webhookHandlers(world, options),
    ...siteHandlers(world),
    ...tokenHandlers(world),
  };
}
