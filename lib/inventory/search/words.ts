/**
 * A text as the words it is found by. A word is a run of letters and digits, in lower case and NFKC. Two words
 * that one sign joins, as in `send_money` or `pay@bank.example`, are one word more, so that an identifier is
 * found whole, in part, and without reading all that hold its parts. Scripts without spaces are cut into pairs.
 */
export type Word = { word: string; at: number };

/** What is longer is found by its beginning: the same cut on both sides. */
export const wordCharsMax = 64;

type Run = { text: string; isSpaceless: boolean; isJoined: boolean };

const ascii = /^[\0-\x7f]*$/;
const asciiRuns = /[A-Za-z0-9]+/g;
const spaceless =
  '\\p{sc=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{sc=Hang}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}';
const unicodeRuns = new RegExp(
  `(?<spaceless>[${spaceless}]+)|(?:(?![${spaceless}])[\\p{L}\\p{N}\\p{M}])+`,
  'gu',
);
const joints = "_-.@:/+#'’";
const camel = /^[A-Za-z]*[a-z][A-Z][A-Za-z]*$/;
const camelParts = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;

const cut = (text: string) => text.toLowerCase().slice(0, wordCharsMax);
const pair = (one: string, other: string) => `${one}_${other}`.slice(0, wordCharsMax);

/** `sendMoney` in its parts; any other run is its only part. */
const partsOf = ({ text }: Run): string[] =>
  (text.length <= wordCharsMax && camel.test(text)
    ? (text.match(camelParts) ?? [text])
    : [text]
  ).map(cut);

/** Runs of letters and digits; `isJoined` to the one before, when a single sign stands between the two. */
function* runsOf(text: string): Generator<Run> {
  const isAscii = ascii.test(text);
  const plain = isAscii ? text : text.normalize('NFKC');
  let end = -2;
  for (const match of plain.matchAll(isAscii ? asciiRuns : unicodeRuns)) {
    const isJoined = match.index === end + 1 && joints.includes(plain.charAt(end));
    yield { text: match[0], isSpaceless: match.groups?.spaceless !== undefined, isJoined };
    end = match.index + match[0].length;
  }
}

function pairsOf(text: string): string[] {
  const letters = [...text.toLowerCase()];
  if (letters.length < 2) return letters;
  return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}

/**
 * Every word that a text is found by, with its place, one after the other, so that nobody cuts a text further than it
 * is read. Returns the place behind the last.
 */
export function* wordsOf(text: string): Generator<Word, number> {
  let at = 0;
  let before: { whole: string; part: string; at: number } | null = null;
  for (const run of runsOf(text)) {
    const parts = run.isSpaceless ? pairsOf(run.text) : partsOf(run);
    const whole = run.isSpaceless ? null : cut(run.text);
    if (whole !== null && before !== null && run.isJoined) {
      yield { word: pair(before.whole, whole), at: before.at };
      // Where one of the two is in parts, the neighbouring parts are joined as well.
      const near = pair(before.part, parts[0] ?? whole);
      if (near !== pair(before.whole, whole)) yield { word: near, at: at - 1 };
    }
    if (whole !== null && parts.length > 1) yield { word: whole, at };
    const start = at;
    for (const [index, word] of parts.entries()) {
      const last = parts[index - 1];
      if (whole !== null && last !== undefined) yield { word: pair(last, word), at: at - 1 };
      yield { word, at };
      at += 1;
    }
    before = whole === null ? null : { whole, part: parts.at(-1) ?? whole, at: start };
  }
  return at;
}

/** The words that a text must hold to contain what is asked for: joined ones as pairs, the others alone. */
export function askedWords(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  const runs = [...runsOf(text)];
  for (const [index, run] of runs.entries()) {
    if (run.isSpaceless) {
      for (const word of pairsOf(run.text)) {
        words.push({ word, at });
        at += 1;
      }
      continue;
    }
    const [before, next] = [runs[index - 1], runs[index + 1]];
    const word = cut(run.text);
    if (next?.isJoined && !next.isSpaceless) words.push({ word: pair(word, cut(next.text)), at });
    else if (!run.isJoined || before?.isSpaceless) words.push({ word, at });
    at += partsOf(run).length;
  }
  return words;
}
