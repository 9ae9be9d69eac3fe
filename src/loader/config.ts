import type { WidgetConfig } from '../protocol/theme';

export type Options = WidgetConfig & { site?: string; identity?: string; launcher_label?: string };

/** What a page can say by the tag's `data-*`, `init` or `setConfig`. The first three are the loader's own and said once. */
export const optionKeys =
  'site identity launcher_label name brand_color color_scheme position locale greeting subtitle status_line suggestions'.split(
    ' ',
  );

/**
 * The widget's settings among them, ready to be posted to the frame; what nobody knows is named in the console. The values are the widget's to check, which
 * has the room for it: it names those that are wrong, and goes on without them.
 */
export function settingsIn(options: object): WidgetConfig {
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options))
    try {
      const index = optionKeys.indexOf(key);
      if (index < 0) throw key;
      // The tag has a list as JSON.
      if (index > 2) settings[key] = structuredClone(key === 'suggestions' && !value.map ? JSON.parse(value) : value);
    } catch {
      console.warn(`guichet: ${key}: expected one of ${optionKeys}`);
    }
  return settings;
}
