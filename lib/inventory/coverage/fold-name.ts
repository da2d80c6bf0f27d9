/**
 * What a name looks like, for telling that two names may be taken for each other. Compatibility forms, case,
 * marks and invisible characters go; letters of Cyrillic, Greek and a few others that are drawn like a Latin
 * one become it. A small table of the common ones, not the whole of Unicode's confusables (UTS 39): a warning
 * for people, never a decision.
 */
export function foldName(name: string): string {
  const plain = name
    .slice(0, 512)
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase();
  let folded = '';
  for (const letter of plain) folded += drawnLike.get(letter) ?? letter;
  return folded.replace(/[\s\p{Pd}_.·‧∙⋅/\\:]+/gu, '-').replace(/^-+|-+$/g, '');
}

const table: Record<string, string> = {
  a: 'аαɑ',
  b: 'ьƅ',
  c: 'сϲ',
  d: 'ԁ',
  e: 'еҽєε',
  g: 'ɡց',
  h: 'һհ',
  i: 'іιıɩӏ1l|ǀ',
  j: 'јϳ',
  k: 'кκ',
  m: 'м',
  n: 'пηո',
  o: 'оοσ0օ',
  p: 'рρ',
  q: 'ԛգ',
  r: 'гᴦ',
  s: 'ѕꜱ',
  t: 'тτ',
  u: 'υսц',
  v: 'ѵν',
  w: 'ԝωшա',
  x: 'хχ×',
  y: 'уγү',
  z: 'ᴢ',
};

// Digits and l stand with what they are drawn like: both names are folded alike.
const drawnLike = new Map(
  Object.entries(table).flatMap(([latin, others]) => [...others].map((other) => [other, latin])),
);
