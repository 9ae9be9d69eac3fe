import type { Config } from '../config';
import { listenUsage } from '../listen/usage';
import { askServer } from './socket';
import { phrases, usageLines } from './topics';
import { type Flags, type Phrase, readWords, UsageError } from './words';

export { UsageError };

export const usage = `guichet: a chat widget and the conversation API behind it

  guichet serve                            run the server (settings: docs/configuration.md)
${usageLines.map((line) => `  ${line}`).join('\n')}
${listenUsage.replace(/^(?=guichet)/gm, '  ')}

  --json   answer as JSON
The data folder is GUICHET_DATA (default .data/server); a running server is spoken to, without one its database is opened.`;

/** Turns words into a command and its input. @throws UsageError */
export function readCommand(words: string[]): {
  command: string;
  input: object;
  json: boolean;
  isBad: Phrase['isBad'];
} {
  const { values, positionals } = parsed(words);
  const [noun = '', verb = '', id, ...extra] = inTwoWords(positionals);
  const command = `${noun} ${verb}`;
  const phrase = Object.hasOwn(phrases, command) ? phrases[command] : undefined;
  if (!phrase) throw new UsageError(`There is no command "${positionals.join(' ')}".\n\n${usage}`);
  if (phrase.id && !id) throw new UsageError(`"${command}" needs ${phrase.id}.`);
  const unexpected = [...(phrase.id ? extra : [id, ...extra])].filter((word) => word !== undefined);
  if (unexpected.length > 0) throw new UsageError(`"${command}" does not take "${unexpected.join(' ')}".`);
  const given = Object.keys(values) as (keyof Flags)[];
  const wrong = given.find((name) => name !== 'json' && !phrase.takes.includes(name));
  if (wrong) throw new UsageError(`"${command}" does not take --${wrong}.`);
  return { command, input: phrase.input(id ?? '', values), json: values.json ?? false, isBad: phrase.isBad };
}

/** `check-web-view URL` is said in one word. */
const inTwoWords = ([first, ...rest]: string[]): (string | undefined)[] =>
  first === 'check-web-view' ? ['web-view', 'check', ...rest] : [first, ...rest];

function parsed(words: string[]): ReturnType<typeof readWords> {
  try {
    return readWords(words);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Runs a command against the running server, or against its database when none runs.
 *
 * @returns the exit code
 */
export async function runFromCommandLine(
  config: Config,
  words: string[],
  print: (text: string) => void,
): Promise<number> {
  const { command, input, json, isBad } = readCommand(words);
  // Most commands go to a running server, and needn't wait until what works without one is loaded.
  const answer =
    (await askServer(config.dataDir, command, input)) ??
    (await (await import('./offline')).runOffline(config, command, input));
  if (!answer.ok) throw new UsageError(`${answer.code}: ${answer.message}`);
  print(json ? JSON.stringify(answer.value) : JSON.stringify(answer.value, null, 2));
  if (!json && /"(token|secret)": "/.test(JSON.stringify(answer.value, null, 1)))
    print('Keep the secret above: it is not shown again.');
  return isBad?.(answer.value) ? 1 : 0;
}
