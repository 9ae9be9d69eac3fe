import { textsApart } from '../apart';

/** The texts of drop-downs; they come with their download. */
export const d = textsApart({
  en: {
    answer: 'Answer',
    search: 'Choose or type to search',
    choose: 'Choose…',
    showAll: 'Show all answers',
    found: { one: '{count} answer', other: '{count} answers' },
    none: 'Nothing found',
    noneHint: 'Try another word, or write a message.',
  },
  de: {
    answer: 'Antwort',
    search: 'Auswählen oder zum Suchen tippen',
    choose: 'Auswählen …',
    showAll: 'Alle Antworten zeigen',
    found: { one: '{count} Antwort', other: '{count} Antworten' },
    none: 'Nichts gefunden',
    noneHint: 'Versuchen Sie ein anderes Wort oder schreiben Sie eine Nachricht.',
  },
  ar: {
    answer: 'الإجابة',
    search: 'اختر أو اكتب للبحث',
    choose: 'اختر…',
    showAll: 'عرض كل الإجابات',
    found: {
      zero: 'لا إجابات',
      one: 'إجابة واحدة',
      two: 'إجابتان',
      few: '{count} إجابات',
      many: '{count} إجابة',
      other: '{count} إجابة',
    },
    none: 'لم يُعثر على شيء',
    noneHint: 'جرّب كلمة أخرى، أو اكتب رسالة.',
  },
});
