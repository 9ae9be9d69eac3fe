import { post } from '../messages';
import { comma, type MessageEvent, type Person, say, type Talk, type Turn } from '../talk';
import type { SentFile } from '../webhookEvent';
import { menuBut } from './menu';

/** What came of looking at a file: there with so many bytes, not there, or at an address that isn't looked at. */
export type Looked = { kind: 'there'; bytes: number } | { kind: 'missing' } | { kind: 'foreign' };

export const askForDocument = (talk: Talk): Turn =>
  say(
    { ...talk, step: 'sending' },
    post(
      [
        'Please send it here: tap the paper clip beside the field, or drop the file into this chat. Pictures and PDFs up to 20 MB will do.',
      ],
      [{ label: 'Later', payload: 'later' }],
    ),
  );

/** Words where a file is waited for. */
export const remindOfDocument = (talk: Talk): Turn =>
  say(
    talk,
    post(
      ['I’m still waiting for your document: tap the paper clip beside the field. It can wait, too.'],
      [
        { label: 'Later', payload: 'later' },
        { label: 'Talk to a person', payload: 'person' },
      ],
    ),
  );

/** A file is looked at whenever it comes, asked for or not. */
export const takeFiles = (event: MessageEvent, talk: Talk, isAlone: boolean): Turn => ({
  talk: talk.step === 'sending' ? { ...talk, step: 'open' } : talk,
  actions: [{ do: 'look_at_files', files: event.files, alone: isAlone }],
});

/** The second half: what was found. */
export function thankForFiles(files: SentFile[], looked: Looked[], alone: boolean, talk: Talk, person: Person): Turn {
  const good = files.flatMap((file, index) => {
    const found = looked[index];
    return found?.kind === 'there' ? [`${nameOf(file)} (${sizeOf(found.bytes)})`] : [];
  });
  const lines: string[] = [];
  if (good.length > 0) lines.push(`Thank you${comma(person)}. I have ${list(good)}.`);
  const missing = files.filter((_, index) => looked[index]?.kind === 'missing');
  if (missing.length > 0) lines.push(`I can’t get at ${list(missing.map(nameOf))}. Please send it once more.`);
  if (looked.some(({ kind }) => kind === 'foreign')) {
    lines.push('I open only what was sent in this chat itself. Please send the file here with the paper clip.');
  }
  if (good.length > 0) lines.push('A colleague looks at it on the next working day.');
  const isGood = good.length === files.length;
  return say(talk, post([lines.join(' ')], alone ? (isGood ? menuBut('document') : retry) : []));
}

const retry = [
  { label: 'Send a document', payload: 'document' },
  { label: 'Talk to a person', payload: 'person' },
];

/** As text: a name is the customer's own word and may hold anything. */
function nameOf({ kind, name }: SentFile): string {
  const words = { image: 'your picture', video: 'your video', audio: 'your recording', file: 'your file' };
  return name ? `“${[...name].slice(0, 80).join('')}”` : words[kind];
}

const numbers = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });
export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${numbers.format(bytes / 1_000)} kB` : `${numbers.format(bytes / 1_000_000)} MB`;
}

const list = (items: string[]): string => new Intl.ListFormat('en-GB').format(items);
