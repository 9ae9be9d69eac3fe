/** A label that was found, in pieces: what was typed is a hit, the rest isn't. */
export type Found = { index: number; pieces: { text: string; isHit: boolean }[] };

/**
 * Searches labels as one types: every word must be found, in any order; case, accents and vowel marks don't count. Labels that
 * start with what was typed come first, then those with a word that does; else they keep their order.
 */
export function searchIn(labels: readonly string[]): (query: string) => Found[] {
  const folded = labels.map(fold);
  return (query) => {
    const words = fold(query)
      .letters.split(/\s+/)
      .filter((word) => word !== '');
    return folded
      .flatMap((label, index) => {
        const hits = words.map((word) => findWord(label.letters, word));
        const [first] = hits;
        if (hits.some(({ at }) => at < 0)) return [];
        const rank = !first || first.at === 0 ? 0 : first.isStart ? 1 : 2;
        const spans = hits.map(({ at }, nth): Span => [at, at + (words[nth]?.length ?? 0)]);
        return [{ index, rank, pieces: cut(label, spans) }];
      })
      .sort((a, b) => a.rank - b.rank || a.index - b.index)
      .map(({ index, pieces }) => ({ index, pieces }));
  };
}

type Span = [from: number, to: number];
/** `letters` without case and marks; the letter at `i` begins at `starts[i]` of `text`. */
type Folded = { text: string; letters: string; starts: number[] };

function fold(text: string): Folded {
  let letters = '';
  const starts: number[] = [];
  let at = 0;
  for (const sign of text) {
    const plain = sign
      .normalize('NFKD')
      .toLowerCase()
      .normalize('NFKD')
      // The tatweel only stretches a word.
      .replace(/[\p{M}\u0640\u200c-\u200f]/gu, '');
    for (let each = 0; each < plain.length; each++) starts.push(at);
    letters += plain;
    at += sign.length;
  }
  return { text, letters, starts };
}

/** The first place where a word of the label starts so, else the first place at all. */
function findWord(letters: string, word: string): { at: number; isStart: boolean } {
  const anywhere = letters.indexOf(word);
  for (let at = anywhere; at >= 0; at = letters.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(letters[at - 1] ?? '')) return { at, isStart: true };
  }
  return { at: anywhere, isStart: false };
}

function cut({ text, starts }: Folded, spans: readonly Span[]): Found['pieces'] {
  const isHit = new Uint8Array(text.length);
  for (const [from, to] of spans) {
    const last = starts[to - 1] ?? 0;
    // Marks belong to the letter before them.
    const end = starts.slice(to).find((start) => start > last) ?? text.length;
    isHit.fill(1, starts[from] ?? 0, end);
  }
  const pieces: Found['pieces'] = [];
  let from = 0;
  for (let at = 1; at <= text.length; at++) {
    if (at < text.length && isHit[at] === isHit[from]) continue;
    pieces.push({ text: text.slice(from, at), isHit: isHit[from] === 1 });
    from = at;
  }
  return pieces;
}
