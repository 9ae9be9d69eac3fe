import { parse } from '../../../protocol/parse';
import { FrameCheckPost } from '../../../protocol/rest/webViews';
import type { CreateCommands } from '../words';

export const webViewCommands: CreateCommands = (world, options) => ({
  async 'web-view check'(input) {
    const { checkFraming } = await import('../../frameCheck/check');
    return checkFraming(world, options.allowPrivateNetwork, parse(FrameCheckPost, input, 'web-view check'));
  },
});
