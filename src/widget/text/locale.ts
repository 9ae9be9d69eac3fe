import { type ReadonlySignal, signal } from '@preact/signals';
import { en, type Plural, type Texts } from './en';

/** Languages with texts of their own; each but English is a file that loads when it's needed. */
const loaders: Record<string, () => Promise<Texts>> = {
  en: async () => en,
  ar: async () => (await import('./ar')).ar,
  de: async () => (await import('./de')).de,
};
const rightToLeft = new Set(['ar', 'he', 'fa', 'ur']);

export type Locale = {
  /** BCP 47: the texts' language, with the region that was asked for. */
  tag: string;
  direction: 'ltr' | 'rtl';
  texts: Texts;
};
export type T = <K extends keyof Texts>(key: K, values?: Record<string, string | number>) => string;

/** The first of the wishes that there are texts for, else English. */
export function chooseLocale(wishes: readonly (string | undefined)[]): string {
  for (const wish of wishes) {
    const base = wish?.split('-')[0]?.toLowerCase();
    if (base && Object.hasOwn(loaders, base)) return canonical(wish ?? base) ?? base;
  }
  return 'en';
}

function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

const english: Locale = { tag: 'en', direction: 'ltr', texts: en };
const current = signal<Locale>(english);
export const locale: ReadonlySignal<Locale> = current;

/** Loads a language's texts and turns the document to it. Where they don't come, what is there stays. */
export async function setLocale(tag: string, document?: Document): Promise<void> {
  const base = tag.split('-')[0] ?? 'en';
  try {
    const texts = await (loaders[base] ?? loaders.en)?.();
    if (!texts) return;
    current.value = { tag, direction: rightToLeft.has(base) ? 'rtl' : 'ltr', texts };
  } catch {
    return;
  }
  if (document) {
    document.documentElement.lang = tag;
    document.documentElement.dir = current.value.direction;
  }
}

/** The text by its key, in today's language: a component that calls it follows the language. */
export const t: T = (key, values) => fill(current.value, key, values);

export function fill(to: Locale, key: keyof Texts, values: Record<string, string | number> = {}): string {
  const found: string | Plural = to.texts[key];
  const count = Number(values.count ?? 0);
  const text = typeof found === 'string' ? found : (found[new Intl.PluralRules(to.tag).select(count)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(to.tag).format(value) : value;
  });
}

// ---- dates and numbers ------------------------------------------------------------------------------------------------

const formats = new Map<string, Intl.DateTimeFormat>();
function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = current.value.tag + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(current.value.tag, options);
  formats.set(key, known);
  return known;
}

export const timeOf = (time: string) => dateFormat({ hour: 'numeric', minute: '2-digit' }).format(new Date(time));

export function dayName(time: string, now = new Date()): string {
  const date = new Date(time);
  const midnight = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days === 0) return t('today');
  if (days === 1) return t('yesterday');
  const isThisYear = date.getFullYear() === now.getFullYear();
  return dateFormat({
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  }).format(date);
}

/** `84 KB`; decimal units, as file managers mostly show them. */
export function sizeOf(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
  const value = bytes / 1_000 ** power;
  return new Intl.NumberFormat(current.value.tag, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power > 1 && value < 10 ? 1 : 0,
  }).format(value);
}
