import { plainText } from './markup';
import type { CardTemplate, MessagePart, OfferedPart, ReplyPart, UrlButton } from './parts';

/** Something that the customer may choose, as a message offers it. */
export type Option = {
  /** As it was offered. */
  part: OfferedPart;
  /** What its button says. */
  label: string;
  /** The customer's words, once it is chosen: text, never markup. */
  reply: string;
  /** For the bot; absent in a customer's browser. */
  payload?: string | undefined;
};
type Parts = { message_parts: readonly MessagePart[]; reply_parts: readonly ReplyPart[] };
type AnyPart = MessagePart | ReplyPart | OfferedPart;

/** All options that a message offers, in order. An answer names one by its index here. */
export function optionsOf(message: Parts): Option[] {
  return [...message.message_parts, ...message.reply_parts].flatMap(optionsIn);
}

function optionsIn(part: AnyPart): Option[] {
  if ('quick_reply_button' in part) {
    const { label, custom_reply_text, payload } = part.quick_reply_button;
    return [{ part, label, reply: custom_reply_text ?? label, payload }];
  }
  if ('callback' in part) {
    const { label, payload } = part.callback;
    return [{ part, label, reply: label, payload }];
  }
  if ('collection' in part) return (part.collection.sub_parts as AnyPart[]).flatMap(optionsIn);
  if (!('template_content' in part)) return [];
  const template = part.template_content;
  switch (template.type) {
    case 'quick_reply_dropdown':
      return template.sections.flatMap(({ parts }) => parts.flatMap(optionsIn));
    case 'carousel':
      return template.sections.flatMap((section) => (section.name === 'cards' ? section.parts.flatMap(optionsIn) : []));
    case 'carousel_card_default': {
      const { title, callback } = readCard(template);
      return callback
        ? [
            {
              part: { template_content: template },
              label: callback.label,
              reply: plainText(title).trim() || callback.label,
              payload: callback.payload,
            },
          ]
        : [];
    }
  }
}

/** All URL buttons of a message, in order. A web view names its button by its index here. */
export function urlButtonsOf(message: Parts): UrlButton[] {
  return [...message.message_parts, ...message.reply_parts].flatMap(urlButtonsIn);
}

function urlButtonsIn(part: AnyPart): UrlButton[] {
  if ('url_button' in part) return [part.url_button];
  if ('collection' in part) return (part.collection.sub_parts as AnyPart[]).flatMap(urlButtonsIn);
  if (!('template_content' in part)) return [];
  const template = part.template_content;
  if (template.type === 'carousel') {
    return template.sections.flatMap((section) =>
      section.name === 'cards' ? section.parts.flatMap(urlButtonsIn) : [],
    );
  }
  if (template.type !== 'carousel_card_default') return [];
  const { view } = readCard(template);
  return view ? [view] : [];
}

/** A card's sections by name. */
export function readCard(template: CardTemplate) {
  const card: {
    title: string;
    description?: string;
    image?: {
      url: string;
      alt_text?: string | undefined;
      width?: number | undefined;
      height?: number | undefined;
      content_type?: string | undefined;
    };
    callback?: { label: string; payload?: string | undefined };
    view?: UrlButton;
  } = { title: '' };
  for (const section of template.sections) {
    const [part] = section.parts;
    if (!part) continue;
    if (section.name === 'title' && 'text' in part) card.title = part.text.content;
    if (section.name === 'description' && 'text' in part) card.description = part.text.content;
    if ('image' in part) card.image = part.image;
    if ('callback' in part) card.callback = part.callback;
    if ('url_button' in part) card.view = part.url_button;
  }
  return card;
}
