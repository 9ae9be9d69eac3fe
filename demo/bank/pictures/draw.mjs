/*
 * Makes the bank's pictures: `node demo/bank/pictures/draw.mjs`. The files are in the repository; this is how they came
 * about. Stills are drawings that the browser paints; the GIF's frames are computed here.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { findBrowser } from '../../../scripts/browser.mjs';
import { globe, gradients, house, map, sun } from './drawings.mjs';
import { encodeGif } from './gif.mjs';

const file = (/** @type {string} */ name) => fileURLToPath(new URL(`../public/${name}`, import.meta.url));

async function stills() {
  const executablePath = findBrowser();
  const browser = await chromium.launch(executablePath ? { executablePath } : {});
  const page = await browser.newPage({ deviceScaleFactor: 2 });
  for (const [name, svg] of Object.entries({
    'sunny-saver.jpg': sun,
    'first-home.jpg': house,
    'far-and-wide.jpg': globe,
    'branches.png': map,
  })) {
    await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
    await page
      .locator('svg')
      .screenshot({ path: file(name), ...(name.endsWith('.jpg') ? { type: 'jpeg', quality: 90 } : {}) });
  }
  await browser.close();
}

/** A sun whose rays turn by one ray and begin again. */
async function movingSun() {
  const [width, height] = [640, 320];
  const [shades, strengths, rays, steps] = [30, 8, 8, 12];
  const [from, to] = gradients.sun.map(rgb);
  /** @type {[number, number, number][]} */
  const palette = [];
  for (let shade = 0; shade < shades; shade++) {
    const ground = mix(from, to, shade / (shades - 1));
    for (let strength = 0; strength < strengths; strength++) {
      palette.push(mix(ground, rgb('#fdf6e6'), strength / (strengths - 1)));
    }
  }
  const frames = Array.from({ length: steps }, (_, step) => {
    const pixels = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const shade = Math.round(((x / width + 1 - y / height) / 2) * (shades - 1));
        const cover = Math.max(
          sunAt(x - width / 2, y - height / 2, step / steps),
          ringsAt(x - width / 2, y - height / 2),
        );
        pixels[y * width + x] = shade * strengths + Math.round(cover * (strengths - 1));
      }
    }
    return pixels;
  });
  await writeFile(file('sunny-saver.gif'), encodeGif({ width, height, palette, frames, delay: 12 }));

  /** How much of the pixel is sun: a ring and its rays, 6 pixels wide. @param {number} x @param {number} y @param {number} part */
  function sunAt(x, y, part) {
    const far = Math.hypot(x, y);
    const ring = Math.abs(far - 31);
    const slice = (2 * Math.PI) / rays;
    const turned = Math.atan2(y, x) - part * slice;
    const angle = turned - Math.round(turned / slice) * slice;
    const [along, across] = [far * Math.cos(angle), far * Math.sin(angle)];
    const ray = Math.hypot(Math.max(52 - along, 0, along - 66), across);
    return Math.min(1, Math.max(0, 3.5 - Math.min(ring, ray)));
  }
  /** @param {number} x @param {number} y */
  function ringsAt(x, y) {
    const near = Math.min(...[108, 176, 252, 336].map((radius) => Math.abs(Math.hypot(x, y) - radius)));
    return near < 1 ? 1 / strengths : 0;
  }
}

/** @param {string} hex @returns {[number, number, number]} */
function rgb(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
/** @param {number[]} a @param {number[]} b @param {number} part @returns {[number, number, number]} */
const mix = (a, b, part) =>
  /** @type {[number, number, number]} */ (a.map((value, i) => Math.round(value + ((b[i] ?? 0) - value) * part)));

await stills();
await movingSun();
