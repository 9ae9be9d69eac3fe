import { GuichetError } from '../../protocol/errors';

/** A file that may not be taken; the message is for whoever sent it. */
export const refused = (why: string) => new GuichetError('FILE_REFUSED', why);

/** How much is read at a time, whatever the file says of itself. */
const windowBytes = 131_072;

/**
 * A file of which any place can be read, a window at a time: what reads it never holds more than that, and nothing that the
 * file says of itself leads past its end. Reading past it is a refusal.
 */
export class Bytes {
  readonly size: number;
  readonly #read: (at: number, length: number) => Uint8Array;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  /** @param read gives at most `length` bytes from `at`; less only at the end */
  constructor(size: number, read: (at: number, length: number) => Uint8Array) {
    this.size = size;
    this.#read = read;
  }

  static of(bytes: Uint8Array): Bytes {
    return new Bytes(bytes.length, (at, length) => bytes.subarray(at, at + length));
  }

  /** Whether so many bytes lie there. */
  has(at: number, length: number): boolean {
    return Number.isSafeInteger(at) && at >= 0 && at + length <= this.size;
  }

  /** @param length at most a window */
  at(at: number, length: number): Uint8Array {
    this.#show(at, length);
    return this.#window.subarray(at - this.#start, at - this.#start + length);
  }

  u8(at: number): number {
    this.#show(at, 1);
    return this.#window[at - this.#start] as number;
  }
  u16(at: number): number {
    return this.u8(at) * 256 + this.u8(at + 1);
  }
  u32(at: number): number {
    return this.u16(at) * 65_536 + this.u16(at + 2);
  }
  u64(at: number): number {
    return this.u32(at) * 4_294_967_296 + this.u32(at + 4);
  }
  /** Little-endian. */
  u16le(at: number): number {
    return this.u8(at) + this.u8(at + 1) * 256;
  }
  u24le(at: number): number {
    return this.u16le(at) + this.u8(at + 2) * 65_536;
  }
  u32le(at: number): number {
    return this.u16le(at) + this.u16le(at + 2) * 65_536;
  }
  /** Each byte as a character. */
  text(at: number, length: number): string {
    return String.fromCharCode(...this.at(at, length));
  }
  /** The next place of this byte from `at` on; -1 without one. */
  find(byte: number, at: number): number {
    for (let from = at; from < this.size; ) {
      this.#show(from, 1);
      const found = this.#window.indexOf(byte, from - this.#start);
      if (found >= 0) return this.#start + found;
      from = this.#start + this.#window.length;
    }
    return -1;
  }

  #show(at: number, length: number): void {
    if (at >= this.#start && at + length <= this.#start + this.#window.length) return;
    if (!this.has(at, length)) throw refused('The file is cut off: it ends before what it announces.');
    this.#window = this.#read(at, Math.min(windowBytes, this.size - at));
    this.#start = at;
    if (this.#window.length < length) throw new Error('the file became shorter while it was read');
  }
}

/** Counts the pieces of a file: one that is all pieces and no content would only cost time. */
export function pieceCounter(most = 50_000): () => void {
  let left = most;
  return () => {
    left -= 1;
    if (left < 0) throw refused('The file is broken: it consists of too many pieces.');
  };
}
