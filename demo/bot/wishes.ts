/** What somebody may want of Freddy. Quick replies say it by their payload, free text by its words. */
export const wishes = [
  'statement',
  'another_month',
  'unblock',
  'limits',
  'block',
  'offers',
  'branch',
  'document',
  'person',
  'go_on',
  'later',
  'done',
  'hello',
] as const;
export type Wish = (typeof wishes)[number];

const words: [Wish, RegExp][] = [
  ['another_month', /\banother month\b|anderer monat|autre mois|outro m[eê]s/i],
  ['statement', /statement|kontoauszug|auszug|relev[ée]|extra[ck]?to\b|extrato|estratto/i],
  ['limits', /\blimite?s?\b|kartenlimit|verf[üu]gungsrahmen|plafond/i],
  ['unblock', /\bunblock|\bunfreeze|entsperr|d[ée]bloque|desbloque/i],
  [
    'block',
    /\bblock|\bfreeze|\block my|\bstop my|\blost\b|stolen|sperr|verloren|gestohlen|bloque|perd(i|u)\b|vol[ée]e?\b|roubad/i,
  ],
  [
    'document',
    /\b(send|upload|attach|hand in)\b.*\b(document|file|photo|picture|paper|form|proof)|^\W*(a |the |my )?documents?\b|dokument|documento|unterlagen/i,
  ],
  [
    'offers',
    /\boffers?\b|\bsaver\b|\bsavings?\b|mortgage|\bloan|first home|interest rate|far and wide|angebot|hypothek|\boffres?\b|ofertas?\b/i,
  ],
  ['branch', /branch|filiale|ag[eê]nci?a|agence|cash machine|\batm\b|counter|opening hours/i],
  [
    'person',
    /\b(person|human|people|somebody|someone|agent|advis[eo]r|colleague)\b|mensch|mitarbeiter|conseiller|pessoa/i,
  ],
  ['done', /that.?s all|\bthank|\bthanks\b|\bbye\b|danke|merci|obrigad/i],
  ['hello', /^\W*(hi|hello|hey|good (morning|day|afternoon|evening)|hallo|guten|bonjour|ol[áa]|servus)\b/i],
];

export const wishOfText = (text: string): Wish | undefined => words.find(([, pattern]) => pattern.test(text))?.[0];
export const wishOfPayload = (payload: string | undefined): Wish | undefined => wishes.find((wish) => wish === payload);

export const saysYes = (text: string): boolean =>
  /^\W*(yes|yep|sure|ok(ay)?|go on|continue|please do|open it|ja|oui|sim|now)\b/i.test(text);
export const saysNo = (text: string): boolean =>
  /^\W*(no|not now|later|never mind|nein|non|não|nao|später|plus tard)\b/i.test(text);
