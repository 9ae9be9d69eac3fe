import type { Plural } from './en';
import { fill, type Locale, locale } from './locale';

type Table = Record<string, string | Plural>;
/** The same keys; plural forms where English has them. */
type Like<E extends Table> = { [K in keyof E]: E[K] extends string ? string : Plural };

/**
 * The texts of what has a download of its own: they come with it instead of with the first one. Gives a `t` for them that
 * follows the language as `t` of `./locale` does; English where a language has none of its own.
 *
 * @example const tt = textsApart({ en: { pause: 'Pause' }, de: { pause: 'Anhalten' }, ar: { pause: 'إيقاف' } });
 */
export function textsApart<const E extends Table>(tables: { en: E } & Record<string, Like<E>>) {
  return (key: keyof E & string, values?: Record<string, string | number>): string => {
    const now = locale.value;
    const base = now.tag.split('-')[0] ?? 'en';
    const texts = Object.hasOwn(tables, base) ? tables[base] : tables.en;
    // `fill` knows the keys of the first download; what it does with one is the same for all.
    return fill({ ...now, texts } as unknown as Locale, key as never, values);
  };
}
