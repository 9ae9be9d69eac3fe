import { computed, type ReadonlySignal } from '@preact/signals';
import type { ViewContext } from '../../protocol/webview';
import type { Locale } from '../text/locale';
import type { Theme } from '../theme/theme';
import type { Model } from './model';

/** What a page in a web view is told of its surroundings, live. */
export const contextOf = (model: Model, theme: Theme, locale: ReadonlySignal<Locale>): ReadonlySignal<ViewContext> =>
  computed(() => ({
    locale: locale.value.tag,
    direction: locale.value.direction,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    color_scheme: theme.scheme.value,
    contrast: theme.contrast.value,
    reduced_motion: theme.reducedMotion.value,
    size: model.webViews.current.value?.size.value ?? 'tall',
    theme: theme.tokens.value,
  }));
