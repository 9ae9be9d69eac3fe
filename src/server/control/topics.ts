import { channelTopic } from './topics/channels';
import { peopleTopic } from './topics/people';
import { siteTopic } from './topics/sites';
import { tokenTopic } from './topics/tokens';
import { webhookTopic } from './topics/webhooks';
import { webViewTopic } from './topics/webViews';
import type { Phrase } from './words';

/** All of the command line, as it is typed: one file a topic. */
const topics = [siteTopic, peopleTopic, channelTopic, tokenTopic, webhookTopic, webViewTopic];

export const usageLines: string[] = topics.flatMap(({ usage }) => usage.split('\n'));
export const phrases: Record<string, Phrase> = Object.assign({}, ...topics.map((topic) => topic.phrases));
