import { describe, expect, test } from 'vitest';
import { framingOf, mayFrame } from './ancestors';

const page = new URL('https://cards.bank.example/form');
const may = (csp: string | string[], ancestor = 'https://chat.example', xfo: string[] = [], at = page) =>
  mayFrame(framingOf({ csp: [csp].flat().filter(Boolean), xFrameOptions: xfo }), at, ancestor);

describe('frame-ancestors', () => {
  test.each([
    ['frame-ancestors https://chat.example'],
    ['FRAME-ANCESTORS https://CHAT.example'],
    ["default-src 'self'; frame-ancestors https://chat.example https://bank.example"],
    ['frame-ancestors *'],
    ['frame-ancestors https:'],
    ['frame-ancestors http:'],
    ['frame-ancestors chat.example'],
    ['frame-ancestors *.example'],
    ['frame-ancestors https://*.example'],
    ['frame-ancestors https://chat.example:443'],
    ['frame-ancestors https://chat.example:*'],
    ['frame-ancestors http://chat.example'],
    ['frame-ancestors http://chat.example:80'],
    ['frame-ancestors https://chat.example/a/path'],
    ['frame-ancestors https://chat.example; frame-ancestors https://other.example'],
    ["script-src 'self'"],
    [''],
  ])('%j lets the chat frame the page', (csp) => {
    expect(may(csp)).toBe(true);
  });

  test.each([
    ["frame-ancestors 'none'"],
    ['frame-ancestors'],
    ["frame-ancestors 'self'"],
    ['frame-ancestors https://other.example'],
    ['frame-ancestors https://chat.example:8443'],
    ['frame-ancestors https://chat.example.evil.example'],
    ['frame-ancestors *.chat.example'],
    ['frame-ancestors *.xample'],
    ['frame-ancestors data:'],
    ["frame-ancestors 'none'; frame-ancestors https://chat.example"],
    ['frame-ancestors nonsense$$ ://'],
  ])('%j does not', (csp) => {
    expect(may(csp)).toBe(false);
  });

  test('every policy has to agree, in two headers and in one', () => {
    const good = 'frame-ancestors https://chat.example';
    expect(may([good, "frame-ancestors 'none'"])).toBe(false);
    expect(may(`${good}, frame-ancestors https://other.example`)).toBe(false);
    expect(may(`${good}, default-src 'self'`)).toBe(true);
  });

  test('ports and plain http are as browsers take them', () => {
    const local = new URL('http://cards.bank.localhost:4182/');
    expect(may('frame-ancestors http://chat.localhost:4180', 'http://chat.localhost:4180', [], local)).toBe(true);
    expect(may('frame-ancestors http://chat.localhost', 'http://chat.localhost:4180', [], local)).toBe(false);
    expect(may('frame-ancestors http://chat.localhost:4180', 'http://chat.localhost:4181', [], local)).toBe(false);
    expect(may("frame-ancestors 'self'", 'http://cards.bank.localhost:4182', [], local)).toBe(true);
    expect(may("frame-ancestors 'self'", 'http://cards.bank.localhost:4183', [], local)).toBe(false);
    expect(may('frame-ancestors https://chat.example', 'http://chat.example')).toBe(false);
  });
});

describe('X-Frame-Options', () => {
  test.each([
    [['DENY'], false],
    [['sameorigin'], false],
    [['SAMEORIGIN', 'SAMEORIGIN'], false],
    [['SAMEORIGIN, DENY'], false],
    [['ALLOW-FROM https://chat.example'], true],
    [['nonsense'], true],
    [[''], true],
  ])('%j alone: %j', (xfo, expected) => {
    expect(may('', 'https://chat.example', xfo)).toBe(expected);
  });

  test('is passed over where there is a frame-ancestors', () => {
    expect(may('frame-ancestors https://chat.example', 'https://chat.example', ['DENY'])).toBe(true);
    expect(may("frame-ancestors 'none'", 'https://chat.example', ['ALLOWALL'])).toBe(false);
  });
});
