import { startService } from '../service';
import { originSetting, setting } from '../settings';
import { bankApp } from './app';

const origin = originSetting('BANK_ORIGIN');
const app = bankApp({
  origin,
  chat: originSetting('CHAT_ORIGIN'),
  cards: originSetting('CARDS_ORIGIN'),
  site: setting('GUICHET_SITE'),
  identityKey: { kid: setting('GUICHET_IDENTITY_KID'), secret: setting('GUICHET_IDENTITY_SECRET') },
  sessionSecret: setting('BANK_SESSION_SECRET'),
  internalSecret: setting('BANK_INTERNAL_SECRET'),
  reload: process.env.GUICHET_DEV_RELOAD,
});
startService('AG Bank', origin, app);
