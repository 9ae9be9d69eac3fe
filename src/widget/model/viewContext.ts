import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ViewContext } from '../../protocol/webview';
import type { Locale } from '../text/locale';
import type { Theme } from '../theme/theme';
import type { View } from './webViews';

/** What pages are given of the look, by the widget's own names; docs/web-view-sdk.md tells what each is for. */
const tokens = [
  ...['surface', 'raise', 'line', 'edge', 'text', 'muted', 'focus', 'ok', 'wait', 'bad'],
  ...['brand', 'on-brand', 'brand-soft', 'brand-text', 'brand-line'],
  ...['font', 'r-field', 'r-card'],
];

/** What a page in a web view is told of its surroundings, live; each of its own view's size, also while it is leaving. */
export function contextsOf(
  window: Window,
  theme: Theme,
  locale: ReadonlySignal<Locale>,
): (view: Pick<View, 'size'>) => ReadonlySignal<ViewContext> {
  const turns = signal(0);
  window.addEventListener('resize', () => {
    turns.value += 1;
  });
  /** As the style sheet has them now, media queries included. Properties with `env()` are resolved too. */
  const shown = computed(() => {
    void [turns.value, theme.palette.value, theme.contrast.value];
    const style = window.getComputedStyle(window.document.documentElement);
    const inset = (side: string) => Number.parseFloat(style.getPropertyValue(`--safe-${side}`)) || 0;
    return {
      // Above the page there is always our own bar.
      safe_area: { top: 0, right: inset('right'), bottom: inset('bottom'), left: inset('left') },
      theme: Object.fromEntries(
        tokens.map((name) => [
          `--guichet-${name.replace('r-', 'radius-')}`,
          style.getPropertyValue(`--${name}`).trim(),
        ]),
      ),
    };
  });
  return ({ size }) =>
    computed(() => ({
      locale: locale.value.tag,
      direction: locale.value.direction,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      color_scheme: theme.scheme.value,
      contrast: theme.contrast.value,
      reduced_motion: theme.reducedMotion.value,
      size: size.value,
      ...shown.value,
    }));
}
