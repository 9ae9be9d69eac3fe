import { textsApart } from '../apart';

/** The texts of carousels; they come with their download. */
export const c = textsApart({
  en: {
    carousel: 'carousel',
    card: 'card',
    choices: 'Choices',
    of: '{n} of {count}',
    ofTitle: '{n} of {count}: {title}',
    previous: 'Previous card',
    next: 'Next card',
    chosen: 'Chosen',
  },
  de: {
    carousel: 'Karussell',
    card: 'Karte',
    choices: 'Auswahl',
    of: '{n} von {count}',
    ofTitle: '{n} von {count}: {title}',
    previous: 'Vorherige Karte',
    next: 'Nächste Karte',
    chosen: 'Ausgewählt',
  },
  ar: {
    carousel: 'عرض دوّار',
    card: 'بطاقة',
    choices: 'الخيارات',
    of: '{n} من {count}',
    ofTitle: '{n} من {count}: {title}',
    previous: 'البطاقة السابقة',
    next: 'البطاقة التالية',
    chosen: 'تم الاختيار',
  },
});
