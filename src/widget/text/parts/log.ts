import { textsApart } from '../apart';

/** Texts that are needed once there are messages; they come with the log. */
export const l = textsApart({
  en: { chooseAbove: 'Choose above', or: '{choose}, or', writeInstead: 'write instead' },
  de: { chooseAbove: 'Oben auswählen', or: '{choose} oder', writeInstead: 'stattdessen schreiben' },
  ar: { chooseAbove: 'اختر مما أعلاه', or: '{choose}، أو', writeInstead: 'اكتب بدلاً من ذلك' },
});
