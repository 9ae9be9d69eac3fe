const deepest = 64;

/**
 * Why `data` is no plain JSON of at most `most` bytes; undefined when it is. Stops counting at the bound, so that a huge or a
 * circular message costs no more than the largest that is allowed. Not `JSON.stringify`: pages patch `toJSON`.
 */
export function tooLarge(data: unknown, most: number): string | undefined {
  let left = most;

  const count = (value: unknown, depth: number): void => {
    if (depth > deepest) throw `data nested at most ${deepest} deep`;
    if (typeof value === 'string') left -= stringBytes(value, left);
    else if (typeof value === 'number' || typeof value === 'boolean' || value == null) left -= String(value).length;
    else if (Array.isArray(value)) {
      left -= 2;
      for (let i = 0; i < value.length && left >= 0; i++) {
        if (i > 0) left--;
        count(value[i], depth + 1);
      }
    } else if (typeof value === 'object' && isPlain(value)) {
      left -= 2;
      let first = true;
      for (const key in value) {
        const entry = (value as Record<string, unknown>)[key];
        if (entry === undefined) continue;
        left -= stringBytes(key, left) + (first ? 1 : 2);
        first = false;
        count(entry, depth + 1);
      }
    } else throw 'plain data: objects, arrays, strings, numbers, booleans, null';
    if (left < 0) throw `at most ${most} bytes of JSON`;
  };

  try {
    if (data !== undefined) count(data, 0);
    return undefined;
  } catch (expected) {
    return `expected ${expected}`;
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Bytes of a string as JSON in UTF-8, quotes included; more than `enough` is not counted out. */
function stringBytes(text: string, enough: number): number {
  let bytes = text.length + 2;
  for (let i = 0; i < text.length && bytes <= enough; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20) bytes += '\b\t\n\f\r'.includes(text.charAt(i)) ? 1 : 5;
    else if (unit === 0x22 || unit === 0x5c) bytes++;
    else if (unit >= 0xd800 && unit <= 0xdfff) {
      const next = text.charCodeAt(i + 1);
      if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) {
        bytes += 2;
        i++;
      } else bytes += 5;
    } else if (unit >= 0x800) bytes += 2;
    else if (unit >= 0x80) bytes++;
  }
  return bytes;
}
