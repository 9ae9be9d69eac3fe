/** Pictures, sound and film made on the spot, and an origin that serves them as slowly and as badly as a test wants. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, deflateSync } from 'node:zlib';
import type { Page } from '@playwright/test';

/** A picture of two colours, parted from corner to corner, so that its shape and whether it is turned can be seen. */
export function png(width: number, height: number, [r, g, b] = [15, 107, 92]): Buffer {
  const lines = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isUpper = x * height > y * width;
      const at = y * (width * 3 + 1) + 1 + x * 3;
      lines.set(isUpper ? [r ?? 0, g ?? 0, b ?? 0] : [228, 238, 235], at);
    }
  }
  const chunk = (type: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Red for a fifth of a second, then blue, for ever. */
export function gif(width = 64, height = 36): Buffer {
  const bytes: number[] = [...Buffer.from('GIF89a', 'latin1'), width, 0, height, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255];
  bytes.push(0x21, 0xff, 0x0b, ...Buffer.from('NETSCAPE2.0', 'latin1'), 3, 1, 0, 0, 0);
  for (const color of [0, 1]) {
    bytes.push(0x21, 0xf9, 4, 0, 20, 0, 0, 0, 0x2c, 0, 0, 0, 0, width, 0, height, 0, 0, 2);
    // Uncompressed, in LZW's clothes: codes of 3 bits, the table cleared before each pixel.
    const packed: number[] = [];
    let held = 0;
    let count = 0;
    const put = (code: number) => {
      held |= code << count;
      for (count += 3; count >= 8; count -= 8) {
        packed.push(held & 255);
        held >>= 8;
      }
    };
    for (let at = 0; at < width * height; at++) {
      put(4);
      put(color);
    }
    put(5);
    packed.push(held & 255);
    for (let at = 0; at < packed.length; at += 255) {
      const block = packed.slice(at, at + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  return Buffer.from([...bytes, 0x3b]);
}

/** Two seconds of a quiet tone. */
export function wav(): Buffer {
  const rate = 8_000;
  const samples = Buffer.alloc(rate * 2);
  for (let at = 0; at < samples.length; at++) samples[at] = 128 + Math.round(20 * Math.sin(at / 4));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** Half a second of film, recorded by the browser itself. */
export async function webm(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = 320;
    canvas.height = 180;
    const context = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm;codecs=vp8' });
    const chunks: Blob[] = [];
    recorder.ondataavailable = ({ data }) => chunks.push(data);
    const ended = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    for (let n = 0; n < 10; n++) {
      if (context) context.fillStyle = n % 2 ? '#0f6b5c' : '#123';
      context?.fillRect(0, 0, 320, 180);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    recorder.stop();
    await ended;
    return [...new Uint8Array(await new Blob(chunks).arrayBuffer())];
  });
  return Buffer.from(bytes);
}

/** A photo as phones take them: held upright, and with a note of where it was. The browser encodes it. */
export async function photo(page: Page, width: number, height: number, where: string): Promise<Buffer> {
  const bytes = await page.evaluate(
    async ([w, h]) => {
      const canvas = document.createElement('canvas');
      canvas.width = w ?? 0;
      canvas.height = h ?? 0;
      const context = canvas.getContext('2d');
      for (const [at, color] of ['#0f6b5c', '#f2b134', '#334', '#b3261e'].entries()) {
        if (context) context.fillStyle = color;
        context?.fillRect((at % 2) * (canvas.width / 2), at < 2 ? 0 : canvas.height / 2, canvas.width, canvas.height);
      }
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
      return [...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))];
    },
    [width, height] as const,
  );
  // TIFF, big-endian, one entry: 0x0112 orientation = 6, "turn it right"; the place stands behind it as text would.
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const body = [...Buffer.from('Exif\0\0', 'latin1'), ...tiff, ...Buffer.from(where, 'latin1')];
  const length = body.length + 2;
  return Buffer.from([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255, ...body, ...bytes.slice(2)]);
}

export interface MediaServer {
  readonly origin: string;
  /** What was asked for, in order. */
  readonly asked: string[];
  /** What a path answers from now on. */
  serve(path: string, answer: Buffer | ((response: ServerResponse) => void), type?: string): void;
  close(): Promise<void>;
}

/** `http://pictures.localhost` with a free port: an origin that knows nothing of the chat. */
export async function serveMedia(): Promise<MediaServer> {
  const answers = new Map<string, (response: ServerResponse) => void>();
  const asked: string[] = [];
  const server = createServer(({ url = '/' }, response) => {
    asked.push(url);
    const answer = answers.get(url.split('?')[0] ?? '');
    if (answer) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://pictures.localhost:${port}`,
    asked,
    serve(path, answer, type = 'image/png') {
      answers.set(
        path,
        typeof answer === 'function'
          ? answer
          : (response) => response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(answer),
      );
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
