import { textsApart } from '../apart';

/** Texts of the button that opens a web view; they come with it. */
export const u = textsApart({
  en: {
    goOn: 'Continue: {label}',
    done: 'Done',
    gone: 'No longer available',
    taken: 'Goes on in another tab.',
    refused: 'This page may not open in the chat.',
    closed: 'This page is closed.',
    failed: 'The page couldn’t be opened. Try again.',
  },
  de: {
    goOn: 'Fortsetzen: {label}',
    done: 'Erledigt',
    gone: 'Nicht mehr verfügbar',
    taken: 'Geht in einem anderen Tab weiter.',
    refused: 'Diese Seite darf nicht im Chat geöffnet werden.',
    closed: 'Diese Seite ist geschlossen.',
    failed: 'Die Seite konnte nicht geöffnet werden. Versuchen Sie es noch einmal.',
  },
  ar: {
    goOn: 'متابعة: {label}',
    done: 'تم',
    gone: 'لم يعد متاحًا',
    taken: 'تُتابَع في علامة تبويب أخرى.',
    refused: 'لا يُسمح بفتح هذه الصفحة في المحادثة.',
    closed: 'هذه الصفحة مغلقة.',
    failed: 'تعذّر فتح الصفحة. حاول مرة أخرى.',
  },
});
