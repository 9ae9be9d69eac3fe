import * as v from 'valibot';
import { limits } from './limits';
import { ResultSchema } from './resultSchema';
import { Mount, WebViewPermissions } from './webview';

/** Text that is not blank. */
const short = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(most),
    v.check((text) => text.trim() !== '', 'text that is not blank'),
  );

/** A v2 id: ours are UUIDs, but nothing may depend on that. */
export const Id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(128));
/** ISO 8601 with milliseconds and `Z`. */
export const Time = v.string();

/** An absolute http(s) URL without user-info; comes out re-serialised by the URL parser. */
export const HttpUrl = v.pipe(
  v.string(),
  v.maxLength(limits.url),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const url = parseUrl(dataset.value);
    if (url && !url.username && !url.password) return url.href;
    addIssue({
      message: 'an absolute http or https URL without user-info',
      expected: 'an absolute http or https URL without user-info',
    });
    return NEVER;
  }),
);
function parseUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}

/** Text, at most `limits.textCodePoints` code points. Unless a customer wrote it, it may hold the HTML subset of `./markup`. */
const Content = v.pipe(
  v.string(),
  v.check((text) => [...text].length <= limits.textCodePoints, `at most ${limits.textCodePoints} code points`),
  v.check((text) => text.trim() !== '', 'text that is not blank'),
);

/** How a `url_button` with `target: "_self"` opens; additive to v2. */
export const WebViewOptions = v.strictObject({
  size: v.optional(v.picklist(['compact', 'tall', 'full']), 'tall'),
  title: v.optional(short(limits.title)),
  /** Handed to the page in `welcome`; at most `limits.webViewData` bytes of JSON. */
  data: v.optional(boundedRecord(limits.webViewData)),
  /** Seconds from the first opening. */
  expires_in: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(limits.webViewExpiresMax)),
    limits.webViewExpires,
  ),
  /** Can't be opened again after a submit. */
  once: v.optional(v.boolean(), true),
  /** What a result has to be: one that isn't is refused, and the page is told each fault. */
  result_schema: v.optional(ResultSchema),
  /** Ask the customer before leaving while the page says that there is something to lose. */
  confirm_close_when_dirty: v.optional(v.boolean(), true),
  /** Where "open in a tab" leads, when the page can't be shown here; its own URL when absent. */
  fallback_url: v.optional(HttpUrl),
  /** `host`: in the host page, for pages of its own site, where the site's settings allow it. Nested in the widget unless said. */
  mount: v.optional(Mount),
  /** Without `allow-same-origin`: the page has an opaque origin, no storage, and can't report a result. */
  strict: v.optional(v.boolean()),
  /** Of those that the site grants. */
  permissions: v.optional(WebViewPermissions),
});
export type WebViewOptions = v.InferOutput<typeof WebViewOptions>;

export function boundedRecord(bytes: number) {
  return v.pipe(
    v.record(v.string(), v.unknown()),
    v.check((value) => jsonBytes(value) <= bytes, `at most ${bytes} bytes of JSON`),
  );
}

/** Bytes of a value as JSON; what is nested too deep to be written has too many. */
export function jsonBytes(value: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(value ?? null)).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export const TextPart = v.strictObject({ text: v.object({ content: Content }) });

const pixels = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20_000)));
/** A picture; a GIF is one. With its size given, nothing moves when it comes. */
export const ImagePart = v.strictObject({
  image: v.object({
    url: HttpUrl,
    alt_text: v.optional(v.pipe(v.string(), v.maxLength(1_000))),
    width: pixels,
    height: pixels,
    content_type: v.optional(short(255)),
  }),
});
export const VideoPart = v.strictObject({
  video: v.object({ url: HttpUrl, content_type: v.optional(short(255)), width: pixels, height: pixels }),
});
/** Ours: v2 has no part for sound. */
export const AudioPart = v.strictObject({
  audio: v.object({ url: HttpUrl, content_type: v.optional(short(255)), name: v.optional(short(255)) }),
});
export const FilePart = v.strictObject({
  file: v.object({
    name: short(255),
    url: HttpUrl,
    file_size_in_bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    content_type: v.optional(short(255)),
  }),
});
export const UrlButtonPart = v.strictObject({
  url_button: v.object({
    label: short(limits.label),
    url: HttpUrl,
    target: v.optional(v.picklist(['_self', '_blank']), '_blank'),
    web_view: v.optional(WebViewOptions),
  }),
});
export const QuickReplyPart = v.strictObject({
  quick_reply_button: v.object({
    label: short(limits.label),
    custom_reply_text: v.optional(short(limits.payload)),
    /** For the bot; never sent to a customer's browser. */
    payload: v.optional(v.pipe(v.string(), v.maxLength(limits.payload))),
  }),
});
/** A button that answers, as a card has it: its payload is for the bot. */
export const CallbackPart = v.strictObject({
  callback: v.object({
    label: short(limits.label),
    payload: v.optional(v.pipe(v.string(), v.maxLength(limits.payload))),
  }),
});
/** A mention of an article. v2 names it by an id; `url` is ours, and makes it a link. */
export const ReferencePart = v.strictObject({
  reference: v.object({
    label: short(limits.label),
    reference_id: v.optional(v.pipe(v.string(), v.maxLength(128))),
    placeholder_reference_id: v.optional(v.pipe(v.string(), v.maxLength(128))),
    url: v.optional(HttpUrl),
  }),
});
export const EmailPart = v.strictObject({
  email: v.object({ subject: v.optional(v.pipe(v.string(), v.maxLength(limits.subject))), content: Content }),
});

/** One of a template's sections, as v2 nests them: `{ name, parts: [one] }`. */
const one = <const N extends string, const P extends v.GenericSchema>(name: N, part: P) =>
  v.object({ name: v.literal(name), parts: v.pipe(v.array(part), v.length(1)) });
const eachOnce = <T extends { name: string }[]>() =>
  v.check<T, string>(
    (sections) => new Set(sections.map(({ name }) => name)).size === sections.length,
    'each section at most once',
  );
const CardText = (most: number) =>
  v.strictObject({
    text: v.object({
      content: v.pipe(
        Content,
        v.check((text) => [...text].length <= most, `at most ${most} code points`),
      ),
    }),
  });

/** A card of a carousel: a title, and something to choose or to open. */
export const CardTemplate = v.object({
  type: v.literal('carousel_card_default'),
  sections: v.pipe(
    v.array(
      v.variant('name', [
        one('hero_image', ImagePart),
        one('title', CardText(limits.cardTitle)),
        one('description', CardText(limits.cardDescription)),
        one('callback', CallbackPart),
        one('view', UrlButtonPart),
      ]),
    ),
    eachOnce(),
    v.check((sections) => sections.some(({ name }) => name === 'title'), 'a section "title"'),
    v.check(
      (sections) => sections.some(({ name }) => name === 'callback' || name === 'view'),
      'a section "callback" or "view": a card has something to do',
    ),
  ),
});
export type CardTemplate = v.InferOutput<typeof CardTemplate>;
export const CardPart = v.strictObject({ template_content: CardTemplate });

const CarouselTemplate = v.object({
  type: v.literal('carousel'),
  sections: v.pipe(
    v.array(
      v.variant('name', [
        one('carousel_title', CardText(limits.cardTitle)),
        v.object({
          name: v.literal('cards'),
          parts: v.pipe(v.array(CardPart), v.minLength(1), v.maxLength(limits.cards)),
        }),
      ]),
    ),
    eachOnce(),
    v.check((sections) => sections.some(({ name }) => name === 'cards'), 'a section "cards"'),
  ),
});
/** v2's section is called `options`; some programs write their own caption there, which is shown as the field's label. */
const DropdownTemplate = v.object({
  type: v.literal('quick_reply_dropdown'),
  sections: v.pipe(
    v.array(
      v.object({
        name: v.optional(v.pipe(v.string(), v.maxLength(limits.label)), 'options'),
        parts: v.pipe(v.array(QuickReplyPart), v.minLength(1), v.maxLength(limits.dropdownOptions)),
      }),
    ),
    v.length(1),
  ),
});
export const TemplatePart = v.strictObject({
  template_content: v.variant('type', [DropdownTemplate, CarouselTemplate]),
});
export type Template = v.InferOutput<typeof TemplatePart>['template_content'];

const leaves = [
  TextPart,
  ImagePart,
  VideoPart,
  AudioPart,
  FilePart,
  UrlButtonPart,
  QuickReplyPart,
  CallbackPart,
  ReferencePart,
  EmailPart,
] as const;
/** A union of parts, each told by its one key; what is none of them is told which there are. */
const oneOf = <const P extends readonly v.StrictObjectSchema<v.ObjectEntries, undefined>[]>(parts: P) =>
  v.union(parts, `an object with exactly one of ${parts.flatMap(({ entries }) => Object.keys(entries)).join(', ')}`);
const collectionOf = <const P extends v.GenericSchema>(part: P) =>
  v.strictObject({
    collection: v.object({ sub_parts: v.pipe(v.array(part), v.minLength(1), v.maxLength(limits.options)) }),
  });
/** What may be in a message's collection. */
export const CollectionPart = collectionOf(oneOf(leaves));
/** What may be in a collection among the reply parts: what one can press. */
export const ReplyCollection = collectionOf(oneOf([QuickReplyPart, CallbackPart, UrlButtonPart]));

/** What is shown. Each element holds exactly one part, named by its key. */
export const MessagePart = oneOf([...leaves, CollectionPart, TemplatePart]);
export type MessagePart = v.InferOutput<typeof MessagePart>;
/** What the customer may answer with. */
export const ReplyPart = oneOf([ReplyCollection, QuickReplyPart, CallbackPart, UrlButtonPart, TemplatePart]);
export type ReplyPart = v.InferOutput<typeof ReplyPart>;
export type QuickReply = v.InferOutput<typeof QuickReplyPart>['quick_reply_button'];
export type Callback = v.InferOutput<typeof CallbackPart>['callback'];
export type UrlButton = v.InferOutput<typeof UrlButtonPart>['url_button'];

export const MessageParts = v.pipe(v.array(MessagePart), v.minLength(1), v.maxLength(limits.messageParts));
export const ReplyParts = v.pipe(v.array(ReplyPart), v.maxLength(limits.messageParts));

/** An option as it was offered: what an answer quotes. */
export const OfferedPart = v.union([QuickReplyPart, CallbackPart, CardPart]);
export type OfferedPart = v.InferOutput<typeof OfferedPart>;
