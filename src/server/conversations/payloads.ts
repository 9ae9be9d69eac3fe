import type { Message } from '../../protocol/message';

/**
 * What a part holds for the bot alone is taken out before a customer's browser gets it: the payload of every option, and of
 * a web view's button the page's data, which only the page is handed when it opens.
 *
 * Parts are read from the log as they were stored, perhaps by a newer or a broken server: what isn't known here goes through
 * without anything called `payload`, whatever its form, and nothing throws.
 */
export function withoutPayloads(message: Message): Message {
  const { in_reply_to: reply } = message;
  return {
    ...message,
    message_parts: partsOf(message.message_parts) as Message['message_parts'],
    reply_parts: partsOf(message.reply_parts) as Message['reply_parts'],
    ...(reply
      ? { in_reply_to: { message_id: reply.message_id, ...(reply.part ? { part: partOf(reply.part) as never } : {}) } }
      : {}),
  };
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const partsOf = (parts: unknown): unknown => (Array.isArray(parts) ? parts.map(partOf) : []);

/** An element holds one part under the part's name; whatever else stands beside it is treated the same. */
function partOf(element: unknown): unknown {
  if (!isFields(element)) return element;
  return Object.fromEntries(Object.entries(element).map(([kind, part]) => [kind, fieldsOf(kind, part)]));
}

function fieldsOf(kind: string, part: unknown): unknown {
  if (!isFields(part)) return withoutKey(part);
  switch (kind) {
    case 'url_button':
      return isFields(part.web_view) ? { ...part, web_view: look(part.web_view) } : part;
    case 'collection':
      return { ...part, sub_parts: partsOf(part.sub_parts) };
    case 'template_content':
      return { ...part, sections: Array.isArray(part.sections) ? part.sections.map(sectionOf) : [] };
    default: // What is pressed has its payload here; nothing else has a field of that name that a customer reads.
      return withoutKey(part);
  }
}

const sectionOf = (section: unknown): unknown =>
  isFields(section) ? { ...section, parts: partsOf(section.parts) } : section;

/** What the browser needs to know of a web view before it opens. */
const look = ({ size, title, once }: Fields): Fields => ({
  ...(size === undefined ? {} : { size }),
  ...(title === undefined ? {} : { title }),
  ...(once === undefined ? {} : { once }),
});

const withoutKey = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null), (key, each) => (key === 'payload' ? undefined : each));
