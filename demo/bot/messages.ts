/** The shapes of `/v2` that Freddy writes. */
export type Chip = { label: string; payload: string };
export type Part =
  | { text: { content: string } }
  | {
      url_button: {
        label: string;
        url: string;
        target: '_self';
        web_view: { size: string; title: string; data: Record<string, string> };
      };
    }
  | { file: { name: string; url: string; file_size_in_bytes: number; content_type: string } };
export type Post = { message_parts: Part[]; reply_parts: object[] };

export const text = (content: string): Part => ({ text: { content } });

export function post(parts: (Part | string)[], chips: Chip[] = []): Post {
  const replies = chips.map(({ label, payload }) => ({ quick_reply_button: { label, payload } }));
  return {
    message_parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)),
    reply_parts: replies.length > 0 ? [{ collection: { sub_parts: replies } }] : [],
  };
}
