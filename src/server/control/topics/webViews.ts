import type { Topic } from '../words';

export const webViewTopic: Topic = {
  usage:
    'guichet check-web-view URL [--site ID] [--mount host]    whether a page can be shown in the chat, and the header to add; exits with 1 if there is something to mend',
  phrases: {
    'web-view check': {
      id: 'a URL',
      takes: ['site', 'mount'],
      input: (url, { site, mount }) => ({ url, ...(site ? { site } : {}), ...(mount ? { mount } : {}) }),
      isBad: (answer) => 'problems' in answer && Array.isArray(answer.problems) && answer.problems.length > 0,
    },
  },
};
