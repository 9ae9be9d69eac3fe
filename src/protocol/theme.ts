import * as v from 'valibot';
import { limits } from './limits';

const text = (most: number) => v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(most));

/** An object with some of these keys; a list is none. */
const some = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(
    v.custom<v.InferInput<v.SchemaWithPartial<v.ObjectSchema<E, undefined>, undefined>>>(
      (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
      'an object',
    ),
    v.partial(v.object(entries)),
  );

/** `#rgb` or `#rrggbb`; comes out as lower-case `#rrggbb`. Never CSS text. */
export const Color = v.pipe(
  v.string(),
  v.regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, 'a colour such as #0f6b5c'),
  v.transform((hex) => (hex.length === 4 ? `#${[...hex.slice(1)].map((c) => c + c).join('')}` : hex).toLowerCase()),
);

export const Suggestion = v.object({
  label: text(limits.label),
  /** What is sent for the customer; the label when absent. */
  text: v.optional(text(limits.payload)),
  icon: v.optional(v.picklist(['document', 'card', 'pin', 'person', 'chat'])),
});
export type Suggestion = v.InferOutput<typeof Suggestion>;

/**
 * How the widget looks and speaks on a site. Precedence, last wins: the built-in default, the site's settings on the
 * server, the script tag's `data-*`, `guichet('setConfig', …)`. A wrong value is named in the console and ignored.
 */
export const configEntries = {
  name: text(limits.name),
  brand_color: Color,
  color_scheme: v.picklist(['auto', 'light', 'dark']),
  /** Which corner, by reading direction. */
  position: v.picklist(['end', 'start']),
  /** A BCP 47 tag; the page's `lang`, then the browser's, when absent. */
  locale: v.pipe(v.string(), v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/i, 'a BCP 47 language tag such as en or ar')),
  greeting: text(200),
  subtitle: text(300),
  /** Who answers, under the name in the header. */
  status_line: text(100),
  suggestions: v.pipe(v.array(Suggestion), v.maxLength(8)),
  /** The site's own words, in place of the widget's. */
  texts: some({ placeholder: text(80), resolved: text(200), choose_above: text(120) }),
  launcher: some({
    /** Words beside the icon. */
    label: text(30),
    /** No launcher at all: the page opens the chat by `guichet('open')`. */
    hidden: v.boolean(),
  }),
  features: some({
    /** Customers may send files and pictures. Default: yes, where the server takes files. */
    attachments: v.boolean(),
    /** The first words of a new message beside the launcher, where the host page can read them. Default: yes. */
    peek: v.boolean(),
    /** A short, quiet sound for a new message when nobody looks, where the browser lets it. Default: yes. */
    sound: v.boolean(),
  }),
} as const;

export const WidgetConfig = v.partial(v.object(configEntries));
export type WidgetConfig = v.InferOutput<typeof WidgetConfig>;

/** What the widget document knows of its site from the start; it stands in the document itself. */
export const SiteInfo = v.object({
  id: v.string(),
  config: WidgetConfig,
  /** Which pages may open as web views; see `webViewUrl.ts`. */
  hosts: v.array(v.string()),
  web_view_origins: v.array(v.string()),
  allow_host_origin: v.boolean(),
  /** Whether the server takes files at all. */
  uploads: v.optional(v.boolean(), false),
});
export type SiteInfo = v.InferOutput<typeof SiteInfo>;
