import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as engine from './enginePackets';
import { parse } from './parseUri';
import * as own from './socketPackets';

/** The libraries' own parsers, whatever version is installed: found as socket.io-client finds them. */
const require = createRequire(createRequire(import.meta.url).resolve('socket.io-client'));
const theirs = require('socket.io-parser');
const engineClient = require.resolve('engine.io-client');
const theirEngine = createRequire(engineClient)('engine.io-parser');

type Parser = { Decoder: new () => { on: (...given: never[]) => void; add: (text: string) => void } };
function decode(parser: Parser, text: string): unknown {
  const packets: unknown[] = [];
  const decoder = new parser.Decoder();
  decoder.on(...(['decoded', (packet: unknown) => packets.push(packet)] as never[]));
  try {
    decoder.add(text);
  } catch {
    return 'refused';
  }
  return packets;
}

const json = fc.jsonValue({ maxDepth: 3 });
const namespace = fc.constantFrom('/', '/agents', '/a-b/c');
const packet = fc.oneof(
  fc.record({
    type: fc.constant(0),
    nsp: namespace,
    data: fc.option(fc.dictionary(fc.string(), json), { nil: undefined }),
  }),
  fc.record({ type: fc.constant(1), nsp: namespace }),
  fc.record(
    { type: fc.constant(2), nsp: namespace, id: fc.nat(), data: fc.tuple(fc.string(), json) },
    { requiredKeys: ['type', 'nsp', 'data'] },
  ),
  fc.record({ type: fc.constant(3), nsp: namespace, id: fc.nat(), data: fc.array(json, { maxLength: 2 }) }),
  fc.record({ type: fc.constant(4), nsp: namespace, data: fc.oneof(fc.string(), fc.dictionary(fc.string(), json)) }),
);

describe('the packets of socket.io', () => {
  it('are of the version that the installed client speaks', () => {
    expect(own.protocol).toBe(theirs.protocol);
    for (const [name, type] of Object.entries(own.PacketType)) expect(theirs.PacketType[name]).toBe(type);
    expect(Object.keys(own.PacketType)).toHaveLength(Object.keys(theirs.PacketType).length / 2);
  });

  it('are written as the original writes them, and read back by both', () => {
    fc.assert(
      fc.property(packet, (given) => {
        const written = new own.Encoder().encode(given);

        expect(written).toEqual(new theirs.Encoder().encode(given));
        expect(decode(own as never, written[0] as string)).toEqual(decode(theirs, written[0] as string));
      }),
      { numRuns: 500 },
    );
  });

  it('that are none are refused; what is taken is taken as the original takes it', () => {
    const anything = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('0', '1', '2', '3', '4', '7', 'x'), fc.constantFrom('', '/a,', '12'), json)
        .map(([type, middle, data]) => `${type}${middle}${JSON.stringify(data)}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const read = decode(own as never, text);

        if (read !== 'refused') expect(read).toEqual(decode(theirs, text));
      }),
      { numRuns: 2_000 },
    );
    for (const text of ['2["connect",1]', '2["newListener"]', '2{}', '3{}', '1{}', '0[]', '2[', '7', 'x', '5["a"]']) {
      expect([text, decode(own as never, text)]).toEqual([text, 'refused']);
      expect([text, decode(theirs, text.replace('5["a"]', '5-["a"]'))]).toEqual([text, 'refused']);
    }
  });
});

describe('the packets of engine.io', () => {
  const frame = fc.record(
    { type: fc.constantFrom('open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'), data: fc.string() },
    { requiredKeys: ['type'] },
  );

  it('are of the version that the installed client speaks', () => {
    expect(engine.protocol).toBe(theirEngine.protocol);
  });

  it('are written and read as by the original, alone and several at once', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 5 }), (frames) => {
        let mine = 'nothing';
        let other = 'nothing else';
        engine.encodePayload(frames, (encoded) => {
          mine = encoded;
        });
        theirEngine.encodePayload(frames, (encoded: string) => {
          other = encoded;
        });

        expect(mine).toBe(other);
        expect(engine.decodePayload(mine)).toEqual(theirEngine.decodePayload(mine));
      }),
      { numRuns: 500 },
    );
  });

  it('are errors where they are errors for the original', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.split('\x1e').some((part) => part.startsWith('b')));

        expect(engine.decodePayload(text)).toEqual(theirEngine.decodePayload(text));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the modules that the build puts ours in the place of', () => {
  const root = engineClient.replace(/engine\.io-client.*$/, '');
  const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

  it('are imported by the client under the names that the build knows, for nothing but what ours have', () => {
    const imported = (text: string, from: string) =>
      [...text.matchAll(/import\s+(.+?)\s+from\s+["'](.+?)["']/gs)]
        .filter(([, , source]) => source === from)
        .flatMap(([, names]) =>
          (names as string)
            .replace(/[{}\s]/g, '')
            .split(',')
            .filter(Boolean),
        );

    expect(imported(read('socket.io-client/build/esm/manager.js'), 'socket.io-parser')).toEqual(['*asparser']);
    expect(
      read('socket.io-client/build/esm/manager.js')
        .match(/parser\.\w+/g)
        ?.sort(),
    ).toEqual([...['parser.Decoder', 'parser.Encoder']]);
    expect(imported(read('socket.io-client/build/esm/socket.js'), 'socket.io-parser')).toEqual(['PacketType']);
    for (const [file, names] of [
      ['socket', ['protocol']],
      ['transport', ['decodePacket']],
      ['transports/polling', ['encodePayload', 'decodePayload']],
      ['transports/websocket', ['encodePacket']],
    ] as const) {
      expect(imported(read(`engine.io-client/build/esm/${file}.js`), 'engine.io-parser')).toEqual(names);
    }
    expect(imported(read('engine.io-client/build/esm/socket.js'), './transports/index.js')).toEqual([
      'transportsasDEFAULT_TRANSPORTS',
    ]);
    expect(read('engine.io-client/build/esm/socket.js')).toContain('this._transportsByName = DEFAULT_TRANSPORTS;');
    for (const [file, name] of [
      ['websocket', 'WS'],
      ['polling-xhr', 'XHR'],
    ])
      expect(read(`engine.io-client/build/esm/transports/${file}.js`)).toContain(`export class ${name} extends`);
  });
});

it('the server’s address is read as the original reads it, as far as the engine asks', () => {
  const original = createRequire(engineClient)('./contrib/parseuri.js').parse;
  for (const address of [
    'https://chat.example',
    'http://chat.localhost:4180',
    'https://[2001:db8::1]:8443',
    'https://chat.example:443/?a=1&b=2',
    'http://127.0.0.1:80/path?x',
  ]) {
    const { protocol, host, port, query } = original(address);
    const own = parse(address);
    // `URL` leaves out the port that goes without saying; so does the engine.
    const standard = protocol === 'https' ? '443' : '80';
    expect({ ...own, port: own.port || standard }).toEqual({ protocol, host, port: port || standard, query });
  }
});
