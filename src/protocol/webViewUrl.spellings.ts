import type { WebViewSite } from './webViewUrl';

/** Spellings of URLs for the tests of both sides that check them: the server when a message is posted, the widget before it frames a page. */
export const chatOrigin = 'https://chat.example';
export const siteWithBadOrigins = {
  hosts: ['https://bank.example'],
  web_view_origins: [
    'https://cards.bank.example',
    'https://cards.bank.example:8443',
    'http://cards.bank.localhost:4182',
    // What an operator should not have listed: refused all the same.
    'https://bank.example',
    'https://chat.example',
    'https://cards.bank.example.',
    'http://cards.bank.example',
    'https://10.0.0.1',
    'https://[::1]',
    'http://127.0.0.1:4182',
  ],
  allow_host_origin: false,
} satisfies WebViewSite;

export const openedUrls = [
  'https://cards.bank.example/confirm',
  'https://CARDS.bank.Example/confirm',
  'https://cards.bank.example:443/',
  'https://cards.bank.example:8443/',
  'https://cards.bank.example/%2e%2e/x?next=https://evil.example#@evil.example',
  'http://cards.bank.localhost:4182/confirm',
  '  https://cards.bank.example/\n',
];

/** Spellings of what must never open. */
export const refusedUrls = [
  // the chat's own origin
  'https://chat.example/widget/',
  'https://CHAT.EXAMPLE/',
  'https://chat.example:443/',
  'https://chat.example./',
  'https://chat。example/',
  // the host page's exact origin
  'https://bank.example/',
  'https://bank.example:443/',
  'https://BANK.example/',
  'https://bank.example./',
  'https://ｂａｎｋ.example/',
  // not listed
  'https://evil.example/',
  'https://cards.bank.example.evil.example/',
  'https://evil.example/https://cards.bank.example/',
  'https://cards.bank.example:8444/',
  'https://cards-bank.example/',
  'https://sub.cards.bank.example/',
  'https://cards.bank.examp1e/',
  'https://cаrds.bank.example/', // a Cyrillic а
  'https://xn--crds-53d.bank.example/',
  'https://cards.bank.example%2eevil.example/',
  'https://cards.bank.example./',
  // user-info
  'https://user@cards.bank.example/',
  'https://user:password@cards.bank.example/',
  'https://cards.bank.example@evil.example/',
  'https://cards.bank.example%40evil.example/',
  'https://:@cards.bank.example@evil.example/',
  // not https
  'http://cards.bank.example/',
  'http://bank.localhost.evil.example/',
  'ftp://cards.bank.example/',
  'ws://cards.bank.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  ' javascript:alert(1)//https://cards.bank.example',
  'data:text/html,<script>alert(1)</script>',
  'blob:https://cards.bank.example/1',
  'filesystem:https://cards.bank.example/temporary/x',
  'view-source:https://cards.bank.example/',
  'about:blank',
  // an address
  'https://10.0.0.1/',
  'https://167772161/',
  'https://0xa.0.0.1/',
  'https://0xa000001/',
  'https://012.0.0.1/',
  'https://10.1/',
  'https://10.0.0.1./',
  'https://①⓪.0.0.1/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[::ffff:a00:1]/',
  'http://127.0.0.1:4182/',
  'http://2130706433:4182/',
  // no URL
  '',
  '/confirm',
  '//cards.bank.example/',
  'cards.bank.example',
  'https://',
  'https:///',
];
