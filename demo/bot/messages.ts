/** The shapes of `/v2` that Freddy writes. */
export type Chip = { label: string; payload: string };
export type UrlButton = {
  label: string;
  url: string;
  target: '_self' | '_blank';
  web_view?: { size: string; title: string; mount?: 'host'; data?: Record<string, string> };
};
export type Image = { url: string; alt_text: string; width: number; height: number; content_type: string };
export type StatementFile = { name: string; url: string; file_size_in_bytes: number; content_type: string };
export type Part =
  | { text: { content: string } }
  | { url_button: UrlButton }
  | { image: Image }
  | { file: StatementFile }
  | { reference: { label: string; reference_id: string; url: string } }
  | { email: { subject: string; content: string } };
export type Card = { image: Image; title: string; description: string; choose: Chip; view: UrlButton };
export type Post = { message_parts: Part[]; reply_parts: object[] };

export const text = (content: string): Part => ({ text: { content } });
const quickReply = ({ label, payload }: Chip) => ({ quick_reply_button: { label, payload } });

export function post(parts: (Part | string)[], chips: Chip[] = []): Post {
  return withReply(parts, chips.length > 0 ? [{ collection: { sub_parts: chips.map(quickReply) } }] : []);
}

/** A question with a list to choose from; from eight options on, one can type to search. */
export const dropdown = (parts: (Part | string)[], options: Chip[]): Post =>
  withReply(parts, [
    {
      template_content: {
        type: 'quick_reply_dropdown',
        sections: [{ name: 'options', parts: options.map(quickReply) }],
      },
    },
  ]);

/** Cards beside each other, each with something to choose and something to look at. */
export const carousel = (parts: (Part | string)[], cards: Card[]): Post =>
  withReply(parts, [
    {
      template_content: {
        type: 'carousel',
        sections: [{ name: 'cards', parts: cards.map((card) => ({ template_content: cardTemplate(card) })) }],
      },
    },
  ]);

const cardTemplate = ({ image, title, description, choose, view }: Card) => ({
  type: 'carousel_card_default',
  sections: [
    { name: 'hero_image', parts: [{ image }] },
    { name: 'title', parts: [text(title)] },
    { name: 'description', parts: [text(description)] },
    { name: 'callback', parts: [{ callback: choose }] },
    { name: 'view', parts: [{ url_button: view }] },
  ],
});

const withReply = (parts: (Part | string)[], replies: object[]): Post => ({
  message_parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)),
  reply_parts: replies,
});
