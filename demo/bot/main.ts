import { join } from 'node:path';
import { guichetApi } from '../guichetApi';
import { log } from '../log';
import { startService } from '../service';
import { originSetting, setting } from '../settings';
import { botApp } from './app';
import { bankDoor } from './bankDoor';
import { fileLook } from './fileLook';
import { freddy } from './freddy';
import { notebook } from './notebook';

const origin = originSetting('BOT_ORIGIN');
const chat = originSetting('CHAT_ORIGIN');
const bankOrigin = originSetting('BANK_ORIGIN');
const worker = freddy({
  api: guichetApi(chat, setting('GUICHET_TOKEN')),
  bank: bankDoor(bankOrigin, setting('BANK_INTERNAL_SECRET')),
  look: fileLook([chat, originSetting('FILES_ORIGIN')]),
  notebook: notebook(join(setting('BOT_DATA'), 'conversations')),
  bankOrigin,
  cardsOrigin: originSetting('CARDS_ORIGIN'),
  ownId: setting('BOT_AGENT_ID'),
  advisers: setting('BOT_ADVISERS_GROUP'),
  pace: Number(process.env.BOT_PACE_MS ?? 600),
});
const keys = { secret: setting('GUICHET_WEBHOOK_SECRET'), publicKey: setting('GUICHET_WEBHOOK_PUBLIC_KEY') };
startService('Freddy', origin, botApp(origin, keys, worker));
worker.resume().catch((error: Error) => log.error(`can't read what was left: ${error.message}`));
