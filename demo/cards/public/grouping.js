/**
 * How card fields look while they're typed. Each takes the field's text and where the caret stands, and answers with
 * the new text and caret: the caret stays behind the same digit, wherever in the text one types, pastes or deletes.
 *
 * @typedef {{ text: string, caret: number }} Typed
 */

/** Fours; American Express groups 4-6-5. @param {Typed} typed @returns {Typed} */
export function groupNumber({ text, caret }) {
  const digits = text.replace(/\D/g, '').slice(0, 19);
  const before = Math.min(text.slice(0, caret).replace(/\D/g, '').length, digits.length);
  const breaks = /^3[47]/.test(digits) ? [4, 10] : [4, 8, 12, 16];
  const spaced = (count) => breaks.filter((at) => at < count).length + count;
  const grouped = [...digits].map((digit, at) => (breaks.includes(at) ? ` ${digit}` : digit)).join('');
  return { text: grouped, caret: spaced(before) };
}

/** `MM / YY`; knows `1/29`, `12/2029` and what password managers fill in. @param {Typed} typed @returns {Typed} */
export function groupExpiry({ text, caret }) {
  const parts = /^\s*(\d{1,2})\s*[/.-]\s*(\d*)/.exec(text);
  if (parts) {
    const month = parts[1].padStart(2, '0');
    const grouped = `${month} / ${shortYear(parts[2])}`;
    const inYear = text.slice(0, caret).search(/[/.-]/) >= 0;
    const behind = text.length - caret;
    return { text: grouped, caret: inYear ? Math.max(5, grouped.length - behind) : Math.min(caret, 2) };
  }
  let digits = text.replace(/\D/g, '');
  let before = text.slice(0, caret).replace(/\D/g, '').length;
  // No month starts with 2 to 9: it is January's or later's single digit.
  if (/^[2-9]/.test(digits)) {
    digits = `0${digits}`;
    before += 1;
  }
  digits = digits.length === 6 && /^\d\d20/.test(digits) ? digits.slice(0, 2) + digits.slice(4) : digits.slice(0, 4);
  before = Math.min(before, digits.length);
  if (digits.length < 2) return { text: digits, caret: before };
  return { text: `${digits.slice(0, 2)} / ${digits.slice(2)}`, caret: before < 2 ? before : before + 3 };
}

/** `2029` and `29` are the same year; `202` is on its way to be one. @param {string} digits */
function shortYear(digits) {
  if (/^20\d\d/.test(digits)) return digits.slice(2, 4);
  return /^20\d$/.test(digits) ? digits : digits.slice(0, 2);
}

/** @param {Typed} typed @returns {Typed} */
export function digitsOnly({ text, caret }) {
  return { text: text.replace(/\D/g, '').slice(0, 4), caret: text.slice(0, caret).replace(/\D/g, '').length };
}

/**
 * Backspace behind a space (or " / ") takes the digit before it: the space alone would only come back.
 *
 * @param {Typed} typed @returns {number} where the caret has to stand before the deletion
 */
export function caretBeforeDeletion({ text, caret }) {
  let at = caret;
  while (at > 0 && /\D/.test(text[at - 1])) at -= 1;
  return at > 0 ? at : caret;
}
