import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contrast, grounds, type Palette, paletteOf, parse, type Scheme } from './palette';

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const scheme = fc.constantFrom<Scheme>('light', 'dark');
const ratio = (a: string, b: string) => contrast(parse(a), parse(b));

describe('the palette of any brand colour', () => {
  test('text reads on everything it stands on', () => {
    fc.assert(
      fc.property(color, scheme, (brand, which) => {
        const palette = paletteOf(brand, which);
        const { surface, raise } = grounds[which];

        expect(ratio(palette['on-brand'], palette.brand)).toBeGreaterThanOrEqual(4.5);
        for (const ground of [surface, raise, palette['brand-soft']]) {
          expect(ratio(palette['brand-text'], ground)).toBeGreaterThanOrEqual(4.5);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('outlines stand out from the surface', () => {
    fc.assert(
      fc.property(color, scheme, (brand, which) => {
        expect(ratio(paletteOf(brand, which)['brand-line'], grounds[which].surface)).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  test('the text colours of the scheme read on the brand’s quiet area and on every ground', () => {
    fc.assert(
      fc.property(color, scheme, (brand, which) => {
        const { surface, raise, text, muted } = grounds[which];

        expect(ratio(text, paletteOf(brand, which)['brand-soft'])).toBeGreaterThanOrEqual(4.5);
        for (const ink of [text, muted])
          for (const ground of [surface, raise]) expect(ratio(ink, ground)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  test('every value is a plain hex colour', () => {
    fc.assert(
      fc.property(color, scheme, (brand, which) => {
        for (const value of Object.values(paletteOf(brand, which) satisfies Palette))
          expect(value).toMatch(/^#[0-9a-f]{6}$/);
      }),
    );
  });

  test('a brand colour that reads well in the light stays as it is', () => {
    const palette = paletteOf('#0f6b5c', 'light');

    expect(palette.brand).toBe('#0f6b5c');
    expect(palette['on-brand']).toBe('#ffffff');
  });

  test('the grounds are those of the style sheet', () => {
    const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
    const [light, dark] = css.split('[data-scheme=');

    for (const [name, value] of Object.entries(grounds.light)) expect(light).toContain(`--${name}: ${value};`);
    for (const [name, value] of Object.entries(grounds.dark)) expect(dark).toContain(`--${name}: ${value};`);
  });
});
