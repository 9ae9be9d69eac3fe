import { startChat } from './chat';
import { checkConfig } from './config';
import { off, on } from './events';

export type Guichet = {
  (command?: unknown, ...args: unknown[]): Promise<unknown> | undefined;
  /** What was called before this script had loaded. */
  q?: ArrayLike<unknown>[];
  /** The site that runs; empty when none does, absent before this script has loaded. */
  site?: string;
};
type Commands = Record<string, (...args: never[]) => unknown>;

/**
 * The page's API, `guichet(command, …)`. Each command gives a promise. One that can't be done is told in the console, and
 * nothing is ever thrown into the page, not even as an unhandled rejection.
 *
 * - `init {site, identity?, …settings}`: for pages whose tag has no `data-site`, and again after `destroy`
 * - `open`, `close`, `toggle` the panel; `show`, `hide` the launcher
 * - `identify jwt` vouches for the customer; `logout` forgets who it was and leaves nothing of theirs in this browser
 * - `send text` as the customer → `{id}`
 * - `setConfig {…settings}`: those of protocol/theme, and `launcher_label`
 * - `on name, fn`, `off name?, fn?`: the `PageEvents` of protocol/frame
 * - `destroy` leaves no node, listener, timer or frame behind; the function itself stays, for another `init`
 */
export function pageCommands(origin: string): Guichet {
  let running: Commands = {};

  async function run(command: string, args: unknown[]) {
    const commands: Commands = Object.assign({ init, on, off }, running);
    if (!commands[command]) throw Error(`expected one of ${Object.keys(commands)}`);
    return (commands[command] as (...args: unknown[]) => unknown)(...args);
  }

  function init(options: object) {
    if (guichet.site) throw Error(`${guichet.site} runs: destroy it first`);
    const config = checkConfig(options);
    const chat = startChat(origin, config);
    guichet.site = config.site as string;
    running = Object.assign({}, chat, {
      destroy() {
        running = {};
        guichet.site = '';
        off();
        chat.destroy();
      },
    });
  }

  const guichet: Guichet = (command, ...args) => {
    const done = run(`${command}`, args);
    done.catch((error) => console.error(`guichet: ${command}: ${error.message}`));
    return done;
  };
  guichet.site = '';
  return guichet;
}
