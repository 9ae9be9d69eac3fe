// The bank's pictures as drawings. `draw.mjs` makes the files in `../public` of them.

/** Start and end of each offer's gradient, from the lower left to the upper right. */
export const gradients = {
  sun: ['#10465a', '#23937a'],
  house: ['#38235e', '#8055a6'],
  globe: ['#7d3420', '#d79a4b'],
};

const card = (/** @type {keyof typeof gradients} */ name, /** @type {string} */ icon) => {
  const [from, to] = gradients[name];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="160" viewBox="0 0 320 160">
<defs><linearGradient id="sky" x1="0" y1="1" x2="1" y2="0"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>
<rect width="320" height="160" fill="url(#sky)"/>
<g fill="none" stroke="#fff" stroke-opacity=".09"><circle cx="160" cy="80" r="54"/><circle cx="160" cy="80" r="88"/><circle cx="160" cy="80" r="126"/><circle cx="160" cy="80" r="168"/></g>
<g fill="none" stroke="#fdf6e6" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">${icon}</g>
</svg>`;
};

/** As it stands in the first frame of the one that moves. */
export const sun = card(
  'sun',
  `<circle cx="160" cy="80" r="15.5"/>${Array.from({ length: 8 }, (_, ray) => `<path d="M186 80h7" transform="rotate(${ray * 45} 160 80)"/>`).join('')}`,
);
export const house = card(
  'house',
  '<path d="M126 82l34-30 34 30"/><path d="M135 75v34h50V75"/><path d="M152 109V93a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v16"/><path d="M176 62V53h7v15"/>',
);
export const globe = card(
  'globe',
  '<circle cx="160" cy="80" r="30"/><path d="M130 80h60"/><path d="M160 50c11 8 15 19 15 30s-4 22-15 30c-11-8-15-19-15-30s4-22 15-30z"/><path d="M104 112c18 16 94 16 112 0" stroke-dasharray="1 8"/>',
);

const pin = (
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {string} */ number,
  /** @type {string} */ name,
  /** @type {'start' | 'end'} */ anchor = 'start',
) => `
<g transform="translate(${x} ${y})">
<ellipse cx="0" cy="1" rx="7" ry="2.4" fill="#12232e" fill-opacity=".22"/>
<path d="M0 0c-9-11-13-16-13-23a13 13 0 1 1 26 0c0 7-4 12-13 23z" fill="#0f6b5c" stroke="#fff" stroke-width="2"/>
<text y="-18.4" text-anchor="middle" font-size="13" font-weight="700" fill="#fff">${number}</text>
<text x="${anchor === 'start' ? 19 : -19}" y="-18" text-anchor="${anchor}" font-size="14" font-weight="600" fill="#12232e" stroke="#f4f2ea" stroke-width="4" stroke-linejoin="round" paint-order="stroke">${name}</text>
</g>`;

/** Avenmouth from above: three branches, the harbour and the ferry. */
export const map = `<svg xmlns="http://www.w3.org/2000/svg" width="360" height="216" viewBox="0 0 360 216" font-family="Noto Sans, Liberation Sans, sans-serif">
<rect width="360" height="216" fill="#f4f2ea"/>
<path d="M0 156c46-8 76-6 112 8s70 20 104 8 60-40 92-44 40 2 52 4v84H0z" fill="#cfe3e6"/>
<g fill="#dbe8d6"><path d="M22 18h70a8 8 0 0 1 8 8v34a8 8 0 0 1-8 8H22a8 8 0 0 1-8-8V26a8 8 0 0 1 8-8z"/><circle cx="308" cy="92" r="22"/></g>
<g fill="#e9e5d8"><rect x="118" y="22" width="54" height="40" rx="5"/><rect x="118" y="76" width="54" height="46" rx="5"/><rect x="188" y="22" width="50" height="40" rx="5"/><rect x="188" y="76" width="50" height="46" rx="5"/><rect x="254" y="22" width="78" height="40" rx="5"/><rect x="22" y="84" width="78" height="44" rx="5"/></g>
<g fill="none" stroke="#fff" stroke-linecap="round"><g stroke-width="10"><path d="M-8 73h376"/><path d="M180-8v148"/></g><g stroke-width="7"><path d="M109-8v150"/><path d="M246-8v138"/><path d="M-8 140c60-8 88-2 122 8s66 16 96 6 58-38 90-44 46-2 68 2"/></g></g>
<g fill="none" stroke="#0f6b5c" stroke-opacity=".45" stroke-width="2" stroke-dasharray="1 6" stroke-linecap="round"><path d="M226 164c20 20 60 30 150 30"/></g>
<g transform="translate(282 188)" fill="#fff" stroke="#0f6b5c" stroke-width="1.6" stroke-linejoin="round"><path d="M-13 0h26l-4 8H-9z"/><path d="M-7 0v-6H6v6"/></g>
<text x="40" y="194" font-size="12" font-style="italic" fill="#4d7a84">Aven Bay</text>
<text x="57" y="47" font-size="11" text-anchor="middle" fill="#5d7a5a">Lantern Park</text>
${pin(180, 76, '1', 'Counter Square')}${pin(222, 166, '2', 'Harbour', 'end')}${pin(296, 40, '3', 'North Gate', 'end')}
</svg>`;
