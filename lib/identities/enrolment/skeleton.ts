import { foldName } from '@/lib/inventory/coverage/fold-name';

/**
 * What a name is drawn like: two names with one skeleton may be taken for each other, and a workload that asks for
 * such a name is refused. More than `foldName`, which warns: letters that two others are drawn like, and capitals whose
 * small letter looks like another one. The common ones of Unicode's confusables (UTS 39), not all of them.
 */
export function skeletonOf(name: string): string {
  let raised = '';
  for (const letter of name.slice(0, 512).normalize('NFKC'))
    raised += drawnLike.get(letter) ?? letter;
  return foldName(raised).replace(/rn/g, 'm').replace(/vv/g, 'w').replace(/ci/g, 'd');
}

/** What each of some names looks like, once. */
export const skeletonsOf = (names: readonly string[]): string[] => [
  ...new Set(names.map(skeletonOf)),
];

/** Of letters, the scripts that Latin ones are imitated with; others are not taken for Latin. */
const scripts = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'] as const;
const inScript = scripts.map(
  (script) => [script, new RegExp(`\\p{Script=${script}}`, 'u')] as const,
);

/** The scripts of a name's letters that imitate each other: nobody needs two of them in one name. */
export const scriptsOf = (name: string): string[] =>
  inScript.filter(([, pattern]) => pattern.test(name)).map(([script]) => script);

export type OddCharacter = {
  readonly character: string;
  readonly code: string;
  readonly says: string;
};

/** Characters of a name that are not ASCII, each once, with what they could be taken for. */
export function oddCharactersOf(name: string): OddCharacter[] {
  const odd = [...new Set(name)].filter((character) => !/^[ -~]$/.test(character));
  return odd.slice(0, 20).map((character) => {
    const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    const [script] = scriptsOf(character);
    const alike = skeletonOf(character);
    const says = [
      script ?? 'another script or a sign',
      ...(/^[a-z]$/.test(alike) ? [`drawn like ${alike}`] : []),
    ].join(', ');
    return { character, code, says };
  });
}

/** Capitals, and letters with a stroke that no decomposition takes off. */
const table: Record<string, string> = {
  a: 'ΑАᎪᴀ',
  b: 'ΒВᏴʙßẞ',
  c: 'СϹᏟᴄⅭ',
  d: 'ᎠᴅđĐð',
  e: 'ΕЕᎬᴇ℮',
  f: 'Ϝƒ',
  g: 'Ꮐԍ',
  h: 'ΗНᎻʜħĦ',
  i: 'ΙІӀᏞʟłŁ!¡',
  j: 'ЈᎫᴊ',
  k: 'ΚКᏦᴋ',
  m: 'ΜМᎷᴍ',
  n: 'ΝᴎɴПи',
  o: 'ΟОᏫøØθѳ',
  p: 'ΡРᏢᴘ',
  r: 'ᎡᏒʀг',
  s: 'ЅᏚ',
  t: 'ΤТᎢᴛŧŦ',
  u: 'Ս',
  v: 'ѴᏙᴠν',
  w: 'ԜᎳᴡ',
  x: 'ΧХ',
  y: 'ΥҮᎩʏ',
  z: 'ΖᏃᴢ',
};
const drawnLike = new Map(
  Object.entries(table).flatMap(([latin, others]) => [...others].map((other) => [other, latin])),
);
