import type { SiteInfo, Suggestion, WidgetConfig } from '../protocol/theme';
import { attempt, flag, list, maybe, object, oneOf, record, type Shape, text } from './shape';

const words =
  (most: number): Shape<string> =>
  (input) => {
    const read = text(input).trim();
    if (read && read.length <= most) return read;
    throw new TypeError(`expected 1 to ${most} characters`);
  };
/** `#rgb` or `#rrggbb`; comes out as lower-case `#rrggbb`. Never CSS text. */
const color: Shape<string> = (input) => {
  const hex = text(input).toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(hex)) return hex;
  if (/^#[0-9a-f]{3}$/.test(hex)) return hex.replace(/[0-9a-f]/g, '$&$&');
  throw new TypeError('expected a colour such as #0f6b5c');
};
const locale: Shape<string> = (input) => {
  const tag = text(input);
  if (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag)) return tag;
  throw new TypeError('expected a BCP 47 language tag such as en or ar');
};
const suggestion = object<Suggestion>({
  label: words(200),
  text: maybe(words(2_000)),
  icon: maybe(oneOf('document', 'card', 'pin', 'person', 'chat')),
});
const entries: { [K in keyof WidgetConfig]-?: Shape<WidgetConfig[K]> } = {
  name: words(100),
  brand_color: color,
  color_scheme: oneOf('auto', 'light', 'dark'),
  position: oneOf('end', 'start'),
  locale,
  greeting: words(200),
  subtitle: words(300),
  status_line: words(100),
  suggestions: (input) => list(suggestion)(input).slice(0, 8),
  texts: object<NonNullable<WidgetConfig['texts']>>({
    placeholder: maybe(words(80)),
    resolved: maybe(words(200)),
    choose_above: maybe(words(120)),
  }),
  launcher: object<NonNullable<WidgetConfig['launcher']>>({
    label: maybe(words(30)),
    hidden: maybe(flag),
  }),
  features: object<NonNullable<WidgetConfig['features']>>({
    attachments: maybe(flag),
    peek: maybe(flag),
    sound: maybe(flag),
  }),
};

/** Takes each value that fits; names the others in the console, and goes on. */
export function readConfig(input: unknown): WidgetConfig {
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(attempt(record, input) ?? {})) {
    try {
      if (!Object.hasOwn(entries, key)) throw new TypeError('there is no such key');
      config[key] = entries[key as keyof WidgetConfig](value);
    } catch (error) {
      console.warn(`guichet: config "${key}": ${(error as Error).message}`);
    }
  }
  return config as WidgetConfig;
}

export const readSite = object<SiteInfo>({
  id: text,
  config: readConfig,
  hosts: list(text),
  web_view_origins: list(text),
  allow_host_origin: flag,
  uploads: (input) => input === true,
});
