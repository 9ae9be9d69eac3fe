import { GuichetError } from '../../protocol/errors';

/**
 * `multipart/form-data` (RFC 7578) as a stream: the bytes of the one file that is wanted pass by, nothing is gathered.
 * Other fields are skipped.
 */
const longestHead = 8_192;
const mostFields = 20;
/** Bytes of what is not the file: other fields, heads, what stands before and behind. */
const mostElse = 65_536;

export type FilePart = { name: string; type: string; bytes: AsyncIterable<Uint8Array> };

/** @throws GuichetError UNSUPPORTED_MEDIA_TYPE, INVALID_VALUE */
export function boundaryOf(contentType: string | undefined): string {
  const type = contentType ?? '';
  if (!/^multipart\/form-data\s*(?:;|$)/i.test(type))
    throw new GuichetError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Expected content-type multipart/form-data, got ${type.slice(0, 100) || 'none'}.`,
    );
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70})(?=[\s;]|$))/i.exec(type);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary) throw broken('the content-type has no boundary');
  return boundary;
}

const broken = (why: string) => new GuichetError('INVALID_VALUE', `body: expected multipart/form-data, but ${why}.`);

/**
 * Reads the form to its end, handing the wanted file to `take` as it comes.
 *
 * @throws GuichetError INVALID_VALUE when the form is broken, or has the file not at all or twice
 */
export async function readForm<T>(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  field: string,
  take: (file: FilePart) => Promise<T>,
): Promise<T> {
  const form = new FormReader(body, boundary);
  let taken: { value: T } | undefined;
  await form.skipPreamble();
  for (let fields = 0; await form.hasPart(); fields += 1) {
    if (fields === mostFields) throw broken(`it has more than ${mostFields} fields`);
    const head = await form.head();
    if (head.field !== field || head.fileName === undefined) {
      await form.skip();
      continue;
    }
    if (taken) throw broken(`it has the file "${field}" twice: upload one at a time`);
    taken = { value: await take({ name: head.fileName, type: head.type, bytes: form.content() }) };
    await form.skip(); // What was taken is read to its end already.
  }
  if (!taken) throw broken(`it has no file in a field called "${field}"`);
  return taken.value;
}

class FormReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  #rest: Buffer = Buffer.alloc(0);
  #isOver = false;
  #isAtEnd = true;
  #else = 0;

  constructor(body: AsyncIterable<Uint8Array>, boundary: string) {
    this.#source = body[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#rest = Buffer.from('\r\n'); // So that the first boundary is like the others.
  }

  async skipPreamble(): Promise<void> {
    this.#isAtEnd = false;
    await this.skip();
  }

  /** After a boundary: `--` ends the form, a line break begins a part. */
  async hasPart(): Promise<boolean> {
    while (this.#rest.length < 2) if (!(await this.#pull())) throw broken('it ends in the middle');
    const next = this.#rest.toString('latin1', 0, 2);
    this.#rest = this.#rest.subarray(2);
    if (next === '--') {
      while (await this.#pull()) this.#spend(this.#drop());
      return false;
    }
    if (next !== '\r\n') throw broken('a boundary is not followed by a line break');
    this.#isAtEnd = false;
    return true;
  }

  async head(): Promise<{ field: string | undefined; fileName: string | undefined; type: string }> {
    let end = this.#rest.indexOf('\r\n\r\n');
    while (end < 0) {
      if (this.#rest.length > longestHead) throw broken('the head of a field is too long');
      if (!(await this.#pull())) throw broken('it ends in the middle');
      end = this.#rest.indexOf('\r\n\r\n');
    }
    if (end > longestHead) throw broken('the head of a field is too long');
    this.#spend(end);
    const head = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 4);
    const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? '';
    const plain = parameter(disposition, 'filename');
    const extended = /;?\s*filename\*\s*=\s*(?:utf-8)'[^']*'([^\s;]+)/i.exec(disposition)?.[1];
    return {
      field: parameter(disposition, 'name'),
      fileName: extended === undefined ? plain : decoded(extended),
      type: /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? '',
    };
  }

  /** The bytes of the part, up to the next boundary. */
  async *content(): AsyncGenerator<Uint8Array> {
    while (!this.#isAtEnd) {
      const at = this.#rest.indexOf(this.#delimiter);
      // Without a boundary in sight, the last bytes may be the beginning of one.
      const sure = at >= 0 ? at : Math.max(0, this.#rest.length - this.#delimiter.length);
      const piece = this.#rest.subarray(0, sure);
      this.#rest = this.#rest.subarray(at >= 0 ? at + this.#delimiter.length : sure);
      this.#isAtEnd = at >= 0;
      if (piece.length > 0) yield piece;
      if (!this.#isAtEnd && !(await this.#pull())) throw broken('it ends in the middle');
    }
  }

  async skip(): Promise<void> {
    for await (const piece of this.content()) this.#spend(piece.length);
  }

  #spend(bytes: number): void {
    this.#else += bytes;
    if (this.#else > mostElse) throw new GuichetError('PAYLOAD_TOO_LARGE', 'The form has too much beside its file.');
  }

  #drop(): number {
    const { length } = this.#rest;
    this.#rest = Buffer.alloc(0);
    return length;
  }

  async #pull(): Promise<boolean> {
    if (this.#isOver) return false;
    const { done, value } = await this.#source.next();
    if (done) {
      this.#isOver = true;
      return false;
    }
    const piece = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    return true;
  }
}

/** A quoted value; browsers write a quote in it as `%22` and a line break as `%0A`. */
function parameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*(?:"((?:\\\\.|[^"\\\\])*)"|([^\\s;"]+))`, 'i').exec(disposition);
  return match?.[1]?.replace(/\\(["\\])/g, '$1').replace(/%22/g, '"') ?? match?.[2];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
