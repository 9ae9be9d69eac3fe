import { textsApart } from '../apart';

/** Texts that are needed once there are messages; they come with the log. */
export const l = textsApart({
  en: {
    chooseAbove: 'Choose above',
    or: '{choose}, or',
    writeInstead: 'write instead',
    tooLarge: 'too large',
    answered: 'answered already',
    gone: 'no longer offered',
    noFile: 'the file isn’t kept any more',
    stopped: 'stopped on the way',
  },
  de: {
    chooseAbove: 'Oben auswählen',
    or: '{choose} oder',
    writeInstead: 'stattdessen schreiben',
    tooLarge: 'zu groß',
    answered: 'schon beantwortet',
    gone: 'nicht mehr angeboten',
    noFile: 'die Datei ist nicht mehr da',
    stopped: 'unterwegs aufgehalten',
  },
  ar: {
    chooseAbove: 'اختر مما أعلاه',
    or: '{choose}، أو',
    writeInstead: 'اكتب بدلاً من ذلك',
    tooLarge: 'كبيرة جدًا',
    answered: 'تمت الإجابة عنها',
    gone: 'لم تعد متاحة',
    noFile: 'لم يعد الملف محفوظًا',
    stopped: 'أُوقفت في الطريق',
  },
});
