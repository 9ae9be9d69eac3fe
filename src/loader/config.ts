import type { WidgetConfig } from '../protocol/theme';

export type Options = WidgetConfig & { site?: string; identity?: string; launcher_label?: string; allow?: string };

/**
 * What a page says by the tag's `data-*`, `init` or `setConfig`, ready to be posted to the frame; the tag has lists and groups as JSON.
 * Names and values are the widget's to check, which has the room for it: it names those that are wrong, and goes on without them.
 */
export function settingsIn(options: object): WidgetConfig {
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options))
    try {
      settings[key] = structuredClone(/^[[{]\W/.test(value) ? JSON.parse(value) : value);
    } catch {
      // Nothing that could be posted: its text will be named as wrong.
      settings[key] = `${value}`;
    }
  return settings;
}
