import { channelCommands } from './commands/channels';
import { peopleCommands } from './commands/people';
import { siteCommands } from './commands/sites';
import { tokenCommands } from './commands/tokens';
import { webhookCommands } from './commands/webhooks';
import { webViewCommands } from './commands/webViews';
import type { CreateCommands } from './words';

/** All that the command line can do: one file a topic. */
const topics = [siteCommands, peopleCommands, channelCommands, tokenCommands, webhookCommands, webViewCommands];

export const createCommands: CreateCommands = (world, options) =>
  Object.assign({}, ...topics.map((create) => create(world, options)));
