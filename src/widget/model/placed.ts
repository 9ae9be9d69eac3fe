import type { ShownPart } from '../../client/events';
import { type Option, optionsOf, readCard } from '../../protocol/options';
import type { CardTemplate, MessagePart, ReplyPart, Template, UrlButton } from '../../protocol/parts';

/** What stands in a message's row, from top to bottom. */
export type Item =
  /** A bubble, a picture, a file. */
  | { kind: 'said'; part: ShownPart }
  /** A button that stands by itself under what is said. */
  | { kind: 'action'; url_button: UrlButton; button: number }
  /** Answers by one tap, with buttons that open something among them. */
  | { kind: 'chips'; buttons: Button[] }
  | { kind: 'dropdown'; caption: string; choices: Choice[] }
  | { kind: 'carousel'; title: string; cards: Card[] };
/** `option`: its index among the message's options, by which the server knows it. */
export type Choice = { label: string; option: number };
/** `button`: its index among the message's URL buttons, by which a web view knows it. */
export type Opener = { url_button: UrlButton; button: number };
export type Button = Choice | Opener;
export type Card = Pick<ReturnType<typeof readCard>, 'title' | 'description' | 'image'> & {
  callback?: Choice;
  view?: Opener;
};

/**
 * Lays out what a message says, and then what it offers: `message_parts`, then `reply_parts`. Options and URL buttons are
 * counted as `src/protocol/options` counts them, whether they are shown or not; chips and drop-downs are shown only while the
 * question `waits`.
 */
export function place(parts: readonly ShownPart[], replies: readonly ShownPart[], waits: boolean): Item[] {
  const items: Item[] = [];
  let option = 0;
  let button = 0;
  let row: Button[] = [];

  /** Buttons that follow each other stand in one row when there is an answer among them, else each by itself. */
  const endRow = () => {
    if (row.some((each) => 'option' in each)) items.push({ kind: 'chips', buttons: row });
    else for (const each of row as Opener[]) items.push({ kind: 'action', ...each });
    row = [];
  };
  const put = (item: Item) => {
    endRow();
    items.push(item);
  };
  const opener = (url_button: UrlButton): Opener => ({ url_button, button: button++ });
  const choice = (label: string): Choice => ({ label, option: option++ });
  const cardOf = (template: CardTemplate): Card => {
    const { title, description, image, callback, view } = readCard(template);
    return {
      title,
      ...(description === undefined ? {} : { description }),
      ...(image ? { image } : {}),
      ...(callback ? { callback: choice(callback.label) } : {}),
      ...(view ? { view: opener(view) } : {}),
    };
  };
  const addTemplate = (part: ShownPart, template: Template | CardTemplate) => {
    if (template.type === 'quick_reply_dropdown') {
      const choices = optionsIn([part], []).map(({ label }) => choice(label));
      const caption = template.sections[0]?.name ?? 'options';
      if (!choices.length) put(nothing);
      else if (waits) put({ kind: 'dropdown', caption: caption === 'options' ? '' : caption, choices });
    } else if (template.type === 'carousel') {
      let title = '';
      const cards: Card[] = [];
      for (const section of template.sections) {
        if (section.name === 'carousel_title') title = textOf(section.parts[0]) ?? title;
        if (section.name !== 'cards') continue;
        for (const each of section.parts as readonly unknown[] as ShownPart[]) {
          if (isCard(each)) cards.push(cardOf(each.template_content));
          else add(each);
        }
      }
      if (title) put({ kind: 'said', part: { text: { content: title } } });
      if (cards.length) put({ kind: 'carousel', title, cards });
      else if (!title) put(nothing);
    } else put({ kind: 'carousel', title: '', cards: [cardOf(template)] });
  };
  const add = (part: ShownPart) => {
    if ('collection' in part) for (const sub of part.collection.sub_parts as ShownPart[]) add(sub);
    else if ('url_button' in part) row.push(opener(part.url_button));
    else if ('quick_reply_button' in part || 'callback' in part) {
      const { label } = 'callback' in part ? part.callback : part.quick_reply_button;
      const its = choice(label);
      if (waits) row.push(its);
    } else if ('template_content' in part) addTemplate(part, part.template_content);
    else put({ kind: 'said', part });
  };
  for (const part of parts) add(part);
  endRow();
  for (const part of replies) add(part);
  endRow();
  if (items.length > 0) return items;
  // A question of nothing but answers, and it has its answer: what it offered stays readable.
  const offered = optionsIn(parts, replies).map(({ label }) => label);
  return [offered.length ? { kind: 'said', part: { text: { content: offered.join(' · ') } } } : nothing];
}

const nothing: Item = { kind: 'said', part: { unknown: { kind: '' } } };
const isCard = (part: ShownPart): part is ShownPart & { template_content: CardTemplate } =>
  'template_content' in part && (part.template_content.type as string) === 'carousel_card_default';
const textOf = (part: ShownPart | undefined) => (part && 'text' in part ? part.text.content : undefined);

/** All options that parts as they are shown offer; parts that this widget doesn't know offer none. */
export const optionsIn = (parts: readonly ShownPart[], replies: readonly ShownPart[]): Option[] =>
  optionsOf({ message_parts: parts as readonly MessagePart[], reply_parts: replies as readonly ReplyPart[] });
