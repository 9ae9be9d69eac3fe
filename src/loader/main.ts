import { type Guichet, pageCommands } from './commands';

/**
 * `<script async src="CHAT/guichet.js" data-site="…">`: all that a page gets before its customer wants the chat. The script's own
 * address says where the chat is; its `data-*` are the settings, in kebab-case. Without `data-site` nothing is drawn until
 * `guichet('init', {site: '…'})`. One chat runs on a page: a second script has it said and does nothing.
 */
declare global {
  interface Window {
    guichet?: Guichet;
  }
}

// Captured now: afterwards it is null. In a module it is null always.
const script = document.currentScript as HTMLScriptElement;

function start(): void {
  const { q = [], live } = window.guichet || {};
  const options: Record<string, string> = {};
  const { dataset } = script;
  for (const key in dataset) options[key.replace(/[A-Z]/g, '_$&').toLowerCase()] = dataset[key] as string;
  const guichet = live ? (window.guichet as Guichet) : pageCommands(new URL(script.src).origin);
  window.guichet = guichet;
  if (options.site) guichet('init', options);
  for (const args of q) guichet(...args);
}

if (document.body) start();
else addEventListener('DOMContentLoaded', start);
