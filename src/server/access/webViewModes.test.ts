import { describe, expect, test } from 'vitest';
import type { SiteSettings } from './sites';
import { isSameSite, modesOf, permissionsPolicy } from './webViewModes';

const page = 'https://cards.bank.example';
const site: SiteSettings = {
  hosts: ['https://www.bank.example', 'https://partner.example'],
  web_view_origins: [page, 'https://pay.example'],
  allow_host_origin: false,
  allow_host_mount: true,
  web_view_permissions: ['popups', 'camera', 'storage-access'],
  config: {},
  identity_keys: [],
};

describe('what the frame of a web view may do', () => {
  test('is scripts, forms and its own origin, unless more is asked for and granted', () => {
    expect(modesOf(site, page, {})).toEqual({
      sandbox: 'allow-scripts allow-forms allow-same-origin',
      allow: '',
      strict: false,
      host_mount_on: [],
      readable_by_host: false,
    });
    expect(modesOf(site, page, { permissions: ['popups'] }).sandbox).toBe(
      'allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox',
    );
    expect(modesOf(site, page, { permissions: ['camera', 'storage-access'] })).toMatchObject({
      sandbox: 'allow-scripts allow-forms allow-same-origin allow-storage-access-by-user-activation',
      allow: 'camera; storage-access',
    });
  });

  test('is no more than the site grants now, whatever the button asked for when it was posted', () => {
    const withdrawn = { ...site, web_view_permissions: [], allow_host_mount: false };

    expect(modesOf(withdrawn, page, { mount: 'host', permissions: ['popups', 'camera'] })).toEqual(
      modesOf(site, page, {}),
    );
  });

  test('a strict page has no origin', () => {
    expect(modesOf(site, page, { strict: true })).toMatchObject({ sandbox: 'allow-scripts allow-forms', strict: true });
  });

  test('it may stand in pages of its own site alone', () => {
    expect(modesOf(site, page, { mount: 'host' }).host_mount_on).toEqual(['https://www.bank.example']);
    expect(modesOf(site, 'https://pay.example', { mount: 'host' }).host_mount_on).toEqual([]);
    expect(modesOf(site, page, { mount: 'widget' }).host_mount_on).toEqual([]);
    const own = { ...site, hosts: [page, 'https://www.bank.example'] };
    expect(modesOf(own, page, { mount: 'host' }).host_mount_on).toEqual(['https://www.bank.example']);
  });

  test('it never stands in a page of its very own origin, and may in the site’s others', () => {
    const own = { ...site, hosts: [page], allow_host_origin: true };

    expect(modesOf(own, page, { mount: 'host' }).host_mount_on).toEqual([]);
    expect(modesOf({ ...own, hosts: [page, 'https://bank.example'] }, page, { mount: 'host' }).host_mount_on).toEqual([
      'https://bank.example',
    ]);
  });

  test('a host can read a page on its own origin, unless that is strict', () => {
    const own = { ...site, hosts: [page] };

    expect(modesOf(own, page, {}).readable_by_host).toBe(true);
    expect(modesOf(own, page, { strict: true }).readable_by_host).toBe(false);
  });
});

describe('the same site', () => {
  test.each([
    ['https://www.bank.example', 'https://cards.bank.example'],
    ['https://bank.example', 'https://a.b.bank.example:8443'],
    ['https://www.bank.co.uk', 'https://cards.bank.co.uk'],
    ['http://bank.localhost:4181', 'http://cards.bank.localhost:4182'],
    ['http://localhost:1', 'http://localhost:2'],
    ['https://bücher.example', 'https://cards.xn--bcher-kva.example'],
  ])('%s and %s', (one, other) => {
    expect(isSameSite(one, other)).toBe(true);
  });

  test.each([
    ['https://bank.example', 'http://bank.example'],
    ['https://bank.co.uk', 'https://other.co.uk'],
    ['https://one.github.io', 'https://other.github.io'],
    ['http://bank.localhost', 'http://chat.localhost'],
    ['http://localhost', 'http://bank.localhost'],
    ['https://bank.example', 'https://notbank.example'],
    ['https://bank.example', 'https://bank.example.evil.example'],
    ['https://co.uk', 'https://bank.co.uk'],
  ])('%s and %s are not', (one, other) => {
    expect(isSameSite(one, other)).toBe(false);
  });
});

test('the widget’s document keeps what is not granted to itself', () => {
  const policy = permissionsPolicy(site);

  expect(policy).toContain('camera=(self "https://cards.bank.example" "https://pay.example")');
  expect(policy).toContain('geolocation=()');
  expect(policy).toContain('microphone=()');
  expect(policy).toContain('fullscreen=(self)');
  expect(policy).not.toContain('popups');
});
