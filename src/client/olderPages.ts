import { type Conversation, empty, fold } from './conversation';
import type { LogEvent } from './events';

/**
 * Puts a page of older events before what is there; what doesn't join on is dropped. A page is folded by itself, and what it
 * says of a thing counts only where nothing newer does.
 */
export function prepend(newer: Conversation, events: readonly LogEvent[]): Conversation {
  const page = events.filter((event) => event.seq < newer.first).sort((a, b) => a.seq - b.seq);
  const start = page[0]?.seq;
  if (start === undefined) return newer;
  const { conversation: older } = fold({ ...empty(newer.id), first: start, last: start - 1 }, page);
  if (older.last !== newer.first - 1) return newer;
  return {
    ...newer,
    first: older.first,
    timeline: [...older.timeline, ...newer.timeline],
    customerRead: Math.max(older.customerRead, newer.customerRead),
    businessRead: Math.max(older.businessRead, newer.businessRead),
    businessReadTime: newer.businessReadTime ?? older.businessReadTime,
    views: joinViews(older.views, newer.views),
    answered: { ...older.answered, ...newer.answered },
  };
}

function joinViews(older: Conversation['views'], newer: Conversation['views']): Conversation['views'] {
  const joined = { ...older };
  for (const [key, view] of Object.entries(newer)) {
    const before = older[key]?.id === view.id ? older[key] : undefined;
    joined[key] = {
      ...view,
      phase: view.phase ?? before?.phase,
      submitted: view.submitted ?? before?.submitted,
      reason: view.reason ?? before?.reason,
    };
  }
  return joined;
}
