import { parse } from '../../../protocol/parse';
import { FrameCheckPost } from '../../../protocol/rest/webViews';
import { checkFraming } from '../../frameCheck/check';
import type { Topic } from '../words';

export const webViewTopic: Topic = {
  usage:
    'guichet web-view check URL --site ID    whether a page can be shown in the chat, and the header to add if not',
  phrases: {
    'web-view check': {
      id: 'a URL',
      takes: ['site'],
      input: (url, flags) => ({ url, ...(flags.site ? { site: flags.site } : {}) }),
    },
  },
  commands: (world, options) => ({
    async 'web-view check'(input) {
      return checkFraming(world, options.allowPrivateNetwork, parse(FrameCheckPost, input, 'web-view check'));
    },
  }),
};
