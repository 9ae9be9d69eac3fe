import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { readConfig } from '../../client/site';
import type { WidgetConfig } from '../../protocol/theme';

export type Config = {
  value: ReadonlySignal<WidgetConfig>;
  /** The site's settings on the server. */
  setSite(config: WidgetConfig): void;
  /** What the script tag and `setConfig` say; added to what they said before. The loader's own three are passed over. */
  setPage(config: Record<string, unknown>): void;
};

/** Precedence, last wins: the site's settings, then the page's. The built-in defaults are the texts' and the tokens'. */
export function createConfig(site: WidgetConfig): Config {
  const ofSite = signal(site);
  const ofPage = signal<WidgetConfig>({});
  return {
    value: computed(() => merged(ofSite.value, ofPage.value)),
    setSite(config) {
      ofSite.value = config;
    },
    setPage({ site: _, identity: __, launcher_label: ___, allow: ____, ...config }) {
      ofPage.value = merged(ofPage.value, readConfig(config));
    },
  };
}

/** What is a group of settings is merged setting by setting. */
function merged(under: WidgetConfig, over: WidgetConfig): WidgetConfig {
  const all = { ...under, ...over };
  for (const key of ['texts', 'launcher', 'features'] as const) {
    if (under[key] && over[key]) all[key] = { ...under[key], ...over[key] } as never;
  }
  return all;
}
