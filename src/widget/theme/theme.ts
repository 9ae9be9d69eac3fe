import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { WidgetConfig } from '../../protocol/theme';
import { defaultBrand, type Palette, paletteOf, type Scheme } from './palette';
import './tokens.css';
import './base.css';

export type Theme = {
  scheme: ReadonlySignal<Scheme>;
  /** Set after the document has it. */
  palette: ReadonlySignal<Palette>;
  contrast: ReadonlySignal<'no-preference' | 'more'>;
  reducedMotion: ReadonlySignal<boolean>;
  stop(): void;
};

/** Sets the tokens on the document, through CSSOM (the document's CSP knows no inline styles), and follows the system. */
export function applyTheme(window: Window, config: ReadonlySignal<WidgetConfig>): Theme {
  const stops: (() => void)[] = [];
  const media = (query: string) => {
    const list = window.matchMedia(query);
    const matches = signal(list.matches);
    const follow = () => {
      matches.value = list.matches;
    };
    list.addEventListener('change', follow);
    stops.push(() => list.removeEventListener('change', follow));
    return matches;
  };
  const isDark = media('(prefers-color-scheme: dark)');
  const reducedMotion = media('(prefers-reduced-motion: reduce)');
  const moreContrast = media('(prefers-contrast: more)');
  const scheme = signal<Scheme>('light');
  const contrast = signal<'no-preference' | 'more'>('no-preference');
  const given = signal({} as Palette);

  stops.push(
    effect(() => {
      const { color_scheme: wanted = 'auto', brand_color: brand = defaultBrand } = config.value;
      const now = wanted === 'auto' ? (isDark.value ? 'dark' : 'light') : wanted;
      const palette: Palette = paletteOf(brand, now);
      const root = window.document.documentElement;
      root.dataset.scheme = now;
      for (const [name, value] of Object.entries(palette)) root.style.setProperty(`--${name}`, value);
      scheme.value = now;
      contrast.value = moreContrast.value ? 'more' : 'no-preference';
      given.value = palette;
    }),
  );
  return {
    scheme,
    palette: given,
    contrast,
    reducedMotion,
    stop() {
      for (const stop of stops) stop();
    },
  };
}
