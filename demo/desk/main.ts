import { startService } from '../service';
import { originSetting, setting } from '../settings';
import { deskApp } from './app';
import { agentKeys } from './staff';

const tokens = JSON.parse(setting('DESK_TOKENS')) as Record<string, { token: string; agentId: string }>;
const of = (key: string) => {
  const found = tokens[key];
  if (!found)
    throw new Error(`DESK_TOKENS has no token for ${key}. It has to have one for ${agentKeys.join(' and ')}.`);
  return found;
};
const origin = originSetting('DESK_ORIGIN');
startService(
  'The desk',
  origin,
  deskApp({ origin, chat: originSetting('CHAT_ORIGIN'), tokens: { mira: of('mira'), jonas: of('jonas') } }),
);
