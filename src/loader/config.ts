import type { WidgetConfig } from '../protocol/theme';

/** What the page says by the tag's `data-*`, `init` or `setConfig`: the widget's settings, and three that are the loader's. */
export type PageConfig = WidgetConfig & { site?: string; identity?: string; launcher_label?: string };

const text = /[\s\S]+/;
const id = /^[\w.-]+$/;

/**
 * The form of each setting. Only what the loader itself uses is looked at closely: no schema library fits in here, and the widget parses
 * its own settings by `configEntries` of protocol/theme.
 */
const forms: Record<keyof PageConfig, RegExp> = {
  site: id,
  identity: id,
  launcher_label: text,
  name: text,
  brand_color: /^#([0-9a-f]{3}){1,2}$/i,
  color_scheme: /^(auto|light|dark)$/,
  position: /^(start|end)$/,
  locale: text,
  greeting: text,
  subtitle: text,
  status_line: text,
  suggestions: text,
};

export const configKeys = Object.keys(forms) as (keyof PageConfig)[];

/** The settings that are right; the others are named in the console and left out. */
export function checkConfig(given: object): PageConfig {
  const right: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const form = forms[key as keyof PageConfig];
    try {
      // A list comes as it is, or as JSON in the tag; cloned, so that it can be posted to the frame.
      right[key] =
        key === 'suggestions'
          ? structuredClone(value.map ? value : JSON.parse(value))
          : (form.exec(value) as string[])[0];
    } catch {
      console.warn(`guichet: ${key} ignored, expected ${form || configKeys}`);
    }
  }
  return right;
}
