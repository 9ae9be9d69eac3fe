import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository';
import { startService } from '../service';
import { originSetting, setting } from '../settings';
import { cardsApp } from './app';

const origin = originSetting('CARDS_ORIGIN');
const app = cardsApp({
  origin,
  chat: originSetting('CHAT_ORIGIN'),
  bank: originSetting('BANK_ORIGIN'),
  token: setting('GUICHET_TOKEN'),
  internalSecret: setting('BANK_INTERNAL_SECRET'),
  sdk: readFileSync(join(root, 'dist/client/webview.js'), 'utf8'),
  keepNumbers: process.env.DEMO_KEEP_CANARY === '1',
});
startService('The card page', origin, app);
