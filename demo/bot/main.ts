import { join } from 'node:path';
import { guichetApi } from '../guichetApi';
import { log } from '../log';
import { startService } from '../service';
import { originSetting, setting } from '../settings';
import { botApp } from './app';
import { bankDoor } from './bankDoor';
import { freddy } from './freddy';
import { notebook } from './notebook';

const origin = originSetting('BOT_ORIGIN');
const worker = freddy({
  api: guichetApi(originSetting('CHAT_ORIGIN'), setting('GUICHET_TOKEN')),
  bank: bankDoor(originSetting('BANK_ORIGIN'), setting('BANK_INTERNAL_SECRET')),
  notebook: notebook(join(setting('BOT_DATA'), 'conversations')),
  cardsOrigin: originSetting('CARDS_ORIGIN'),
  pace: Number(process.env.BOT_PACE_MS ?? 600),
});
const keys = { secret: setting('GUICHET_WEBHOOK_SECRET'), publicKey: setting('GUICHET_WEBHOOK_PUBLIC_KEY') };
startService('Freddy', origin, botApp(origin, keys, worker));
worker.resume().catch((error: Error) => log.error(`can't read what was left: ${error.message}`));
