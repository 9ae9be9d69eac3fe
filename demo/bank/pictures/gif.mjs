/*
 * A small GIF89a encoder: one palette for all frames, looping for ever. After the first frame only the rectangle that
 * changed is written, and in it what stayed the same is transparent: a small movement costs little.
 */

/**
 * @param {{ width: number, height: number, palette: [number, number, number][], frames: Uint8Array[], delay: number }} movie
 *   `frames` hold an index into `palette` (at most 255 colours) for each pixel; `delay` in hundredths of a second
 * @returns {Buffer}
 */
export function encodeGif({ width, height, palette, frames, delay }) {
  const clear = 255;
  const colours = Buffer.alloc(256 * 3);
  palette.forEach((colour, index) => {
    colours.set(colour, index * 3);
  });
  const blocks = [
    Buffer.from('GIF89a', 'latin1'),
    u16(width, height),
    Buffer.from([0xf7, 0, 0]),
    colours,
    Buffer.from([0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0', 'latin1'), 3, 1, 0, 0, 0]),
  ];
  frames.forEach((frame, index) => {
    const before = frames[index - 1];
    const box = before ? changed(before, frame, width, height) : { x: 0, y: 0, width, height };
    const pixels = new Uint8Array(box.width * box.height);
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) {
        const at = (box.y + y) * width + box.x + x;
        pixels[y * box.width + x] = before && before[at] === frame[at] ? clear : (frame[at] ?? 0);
      }
    }
    blocks.push(
      Buffer.from([0x21, 0xf9, 4, before ? 0x05 : 0x04]),
      u16(delay),
      Buffer.from([before ? clear : 0, 0, 0x2c]),
      u16(box.x, box.y, box.width, box.height),
      Buffer.from([0, 8]),
      ...subBlocks(lzw(pixels)),
    );
  });
  blocks.push(Buffer.from([0x3b]));
  return Buffer.concat(blocks);
}

const u16 = (/** @type {number[]} */ ...values) => Buffer.from(values.flatMap((value) => [value & 255, value >> 8]));

/** The smallest rectangle outside which nothing changed. @param {Uint8Array} a @param {Uint8Array} b @param {number} width @param {number} height */
function changed(a, b, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let at = 0; at < b.length; at++) {
    if (a[at] === b[at]) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right < 0
    ? { x: 0, y: 0, width: 1, height: 1 }
    : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** GIF's LZW with 8-bit pixels: codes of 9 to 12 bits, least significant bit first. @param {Uint8Array} pixels */
function lzw(pixels) {
  const [reset, end] = [256, 257];
  /** @type {number[]} */
  const out = [];
  let [bits, held, size, next] = [0, 0, 9, 258];
  /** @type {Map<number, number>} */
  let known = new Map();
  const write = (/** @type {number} */ code) => {
    bits |= code << held;
    held += size;
    for (; held >= 8; held -= 8, bits >>>= 8) out.push(bits & 255);
  };
  write(reset);
  let prefix = pixels[0] ?? 0;
  for (const pixel of pixels.subarray(1)) {
    const key = prefix * 256 + pixel;
    const code = known.get(key);
    if (code !== undefined) {
      prefix = code;
      continue;
    }
    write(prefix);
    if (next === 4_096) {
      write(reset);
      [size, next, known] = [9, 258, new Map()];
    } else {
      if (next === 1 << size) size++;
      known.set(key, next++);
    }
    prefix = pixel;
  }
  write(prefix);
  write(end);
  if (held > 0) out.push(bits & 255);
  return Buffer.from(out);
}

/** @param {Buffer} bytes */
function subBlocks(bytes) {
  const blocks = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  return [...blocks, Buffer.from([0])];
}
