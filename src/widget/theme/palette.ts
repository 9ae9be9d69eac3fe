/**
 * One brand colour becomes the tokens that it colours, for light and for dark, each readable: text has at least 4.5:1
 * on what it stands on, lines and shapes that carry meaning 3:1. A colour that doesn't reach it is made lighter or darker in
 * OKLCH (https://bottosson.github.io/posts/oklab/), which keeps its hue, until it does.
 */
export type Scheme = 'light' | 'dark';
export type Palette = {
  /** Own bubbles, primary buttons. */
  brand: string;
  'on-brand': string;
  /** Quiet areas of the brand, and text on them. */
  'brand-soft': string;
  'brand-text': string;
  /** Outlines of chips, the focused field. */
  'brand-line': string;
};

/** What the palette has to stand on; the same values are in tokens.css, and a test compares. */
export const grounds = {
  light: { surface: '#ffffff', raise: '#f2f4f6', text: '#12181c', muted: '#5a666f' },
  dark: { surface: '#15191d', raise: '#22282e', text: '#eef2f4', muted: '#a2adb6' },
} as const;

export const defaultBrand = '#0f6b5c';

type Rgb = readonly [number, number, number];
/** Lightness 0–1, and the two opponent axes. */
type Lab = readonly [number, number, number];

export function paletteOf(brandColor: string, scheme: Scheme): Palette {
  const surface = parse(grounds[scheme].surface);
  const raise = parse(grounds[scheme].raise);
  const given = parse(brandColor);
  const away = scheme === 'light' ? -1 : 1;
  // In the dark a deep colour would sink into the surface: it gets lighter until it stands out as in the light.
  const brand = scheme === 'light' ? reach(given, [surface], 1.3, away) : reach(given, [surface], 7.5, away);
  const soft = mix(surface, brand, scheme === 'light' ? 0.12 : 0.2);
  return {
    brand: format(brand),
    'on-brand': format(inkOn(brand)),
    'brand-soft': format(soft),
    'brand-text': format(reach(brand, [surface, raise, soft], 4.5, away)),
    'brand-line': format(reach(brand, [surface], 3, away)),
  };
}

/** White where it reads well, else the brand's own near-black. */
function inkOn(brand: Rgb): Rgb {
  const white: Rgb = [255, 255, 255];
  if (contrast(white, brand) >= 4.5) return white;
  const [, a, b] = toLab(brand);
  const dark = toRgb([0.24, a * 0.35, b * 0.35]);
  return contrast(dark, brand) >= 4.5 ? dark : [0, 0, 0];
}

/** The colour itself, or the nearest in lightness (`away` −1 darker, 1 lighter) with that contrast on all grounds. */
function reach(color: Rgb, grounds: readonly Rgb[], ratio: number, away: 1 | -1): Rgb {
  const [lightness, a, b] = toLab(color);
  for (let step = 0; step <= 100; step++) {
    const at = lightness + (away * step) / 100;
    if (at < 0 || at > 1) break;
    // A lighter colour needs more chroma to look as strong; near black and white there is no room for it.
    const chroma = away > 0 ? Math.min(at / Math.max(lightness, 0.01), 1.5) * (at > 0.85 ? 0.6 : 1) : 1 - step / 200;
    const candidate = step === 0 ? color : toRgb([at, a * chroma, b * chroma]);
    if (grounds.every((ground) => contrast(candidate, ground) >= ratio)) return candidate;
  }
  return away < 0 ? [0, 0, 0] : [255, 255, 255];
}

/** WCAG 2.2 contrast ratio, 1–21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

export const parse = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never;
const format = (color: Rgb) => `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
const mix = (under: Rgb, over: Rgb, share: number): Rgb =>
  under.map((part, at) => Math.round(part + ((over[at] ?? 0) - part) * share)) as never;

const toLinear = (part: number) => {
  const value = part / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};
const fromLinear = (value: number) => {
  const part = value <= 0.0031308 ? value * 12.92 : 1.055 * Math.max(value, 0) ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(Math.max(part, 0), 1) * 255);
};
const luminance = ([r, g, b]: Rgb) => 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);

function toLab(color: Rgb): Lab {
  const [r, g, b] = color.map(toLinear) as never as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toRgb([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
