import { startChat } from './chat';
import type { Options } from './config';
import { off, on } from './events';

export type Guichet = {
  (command?: unknown, ...args: unknown[]): Promise<unknown> | undefined;
  /** What was called before this script had loaded. */
  q?: Iterable<unknown>[];
  /** Set by this script, not by the page's stub. */
  live?: boolean;
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
  const idle: Commands = { init, on, off };
  let commands = idle;

  function init(options: Options) {
    if (commands.open) throw Error('runs already');
    const chat = startChat(origin, options);
    const { destroy } = chat;
    chat.destroy = () => {
      commands = idle;
      off();
      destroy();
    };
    commands = { ...chat, ...idle };
  }

  async function run(command: unknown, args: unknown[]) {
    const known = Object.keys(commands);
    if (!known.includes(command as string)) throw Error(`expected one of ${known}`);
    return (commands[command as string] as (...args: unknown[]) => unknown)(...args);
  }

  const guichet: Guichet = (command, ...args) => {
    const done = run(command, args);
    done.catch((error) => console.error(`guichet: ${String(command)}: ${error.message}`));
    return done;
  };
  guichet.live = true;
  return guichet;
}
