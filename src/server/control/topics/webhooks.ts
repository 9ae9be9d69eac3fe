import { seconds, type Topic, UsageError } from '../words';

export const webhookTopic: Topic = {
  usage: `guichet webhook add URL [--event NAME …]
guichet webhook list
guichet webhook show ID
guichet webhook set ID [--url URL] [--event NAME …] [--on | --off]
guichet webhook rotate ID [--overlap 24h]
guichet webhook test ID
guichet webhook log ID [--state waiting|delivered|dead] [--event NAME] [--from TIME] [--to TIME] [--cursor CURSOR]
guichet webhook delivery ID
guichet webhook replay ID [--from TIME --to TIME [--state dead|delivered|waiting]]
                          a webhook's time range, or a single delivery
guichet webhook remove ID`,
  phrases: {
    'webhook add': {
      id: 'a URL',
      takes: ['event'],
      input: (url, flags) => ({ url, ...(flags.event ? { events: flags.event } : {}) }),
    },
    'webhook list': { takes: [], input: () => ({}) },
    'webhook show': { id: 'a webhook id', takes: [], input: (id) => ({ id }) },
    'webhook set': {
      id: 'a webhook id',
      takes: ['url', 'event', 'on', 'off'],
      input: (id, flags) => {
        if (flags.on && flags.off) throw new UsageError('--on and --off exclude each other.');
        return {
          id,
          ...(flags.url ? { url: flags.url } : {}),
          ...(flags.event ? { events: flags.event } : {}),
          ...(flags.on || flags.off ? { enabled: flags.on === true } : {}),
        };
      },
    },
    'webhook rotate': {
      id: 'a webhook id',
      takes: ['overlap'],
      input: (id, flags) => ({
        id,
        ...(flags.overlap ? { overlap_seconds: seconds(flags.overlap, '--overlap') } : {}),
      }),
    },
    'webhook test': { id: 'a webhook id', takes: [], input: (id) => ({ id }) },
    'webhook log': {
      id: 'a webhook id',
      takes: ['state', 'event', 'from', 'to', 'cursor'],
      input: (id, { state, event, from, to, cursor }) => {
        if (event && event.length > 1) throw new UsageError('"webhook log" takes one --event.');
        const action = event?.[0];
        return Object.fromEntries(
          Object.entries({ id, state, action, from, to, cursor }).filter(([, value]) => value !== undefined),
        );
      },
    },
    'webhook delivery': { id: 'a delivery id', takes: [], input: (id) => ({ id }) },
    'webhook replay': {
      id: 'a webhook id or a delivery id',
      takes: ['from', 'to', 'state'],
      input: (id, { from, to, state }) => {
        if (!from !== !to || (state && !from))
          throw new UsageError('A time range has --from and --to; without them a single delivery is replayed.');
        return { id, ...(from ? { range: { from, to, ...(state ? { state } : {}) } } : {}) };
      },
    },
    'webhook remove': { id: 'a webhook id', takes: [], input: (id) => ({ id }) },
  },
};
