import { type Guichet, pageCommands } from './commands';
import { configKeys } from './config';

/**
 * `<script async src="CHAT/guichet.js" data-site="…">`: all that a page gets before its customer wants the chat. The script's own
 * address says where the chat is; its `data-*` are the settings, in kebab-case. Without `data-site` nothing is drawn until
 * `guichet('init', {site: '…'})`. One chat runs on a page: a second script says so and does nothing.
 */
const page = window as unknown as { guichet?: Guichet };
// Captured now: afterwards it is null. In a module it is null always.
const script = document.currentScript as HTMLScriptElement;

function start(): void {
  const options: Record<string, string> = {};
  for (const key of configKeys) {
    const value = script.getAttribute(`data-${key.replace('_', '-')}`);
    if (value) options[key] = value;
  }

  const earlier = page.guichet;
  if (earlier && earlier.site) console.warn(`guichet: ${earlier.site} runs already, ${options.site} is ignored`);
  else {
    const guichet = (page.guichet = pageCommands(new URL(script.src).origin));
    if (options.site) guichet('init', options);
    if (earlier && earlier.q) for (const args of earlier.q) guichet(...Array.from(args));
  }
}

if (document.body) start();
else addEventListener('DOMContentLoaded', start);
