import type { WordHash } from './hash-words';
import { askedWords, type Word } from './words';

/** How many terms one search takes, and how long each may be. */
export const searchTermsMax = 16;
export const searchTermCharsMax = 200;

type Asked = { words: Word[]; isExcluded: boolean };

const asked = (term: string): Asked => {
  const isExcluded = term.startsWith('-');
  return { words: askedWords(isExcluded ? term.slice(1) : term), isExcluded };
};

/** Why a list of terms cannot be searched for, in a sentence; null when it can. */
export function searchProblem(terms: readonly string[]): string | null {
  const mute = terms.find((term) => asked(term).words.length === 0);
  if (mute !== undefined) return `“${mute}” holds neither a letter nor a digit to search for.`;
  if (terms.length > 0 && terms.every((term) => asked(term).isExcluded))
    return 'A search needs a word to find beside those to leave out.';
  return null;
}

/**
 * The terms as a `tsquery` over hashed words: all must be found, one that starts with `-` must not be. The words of
 * one term stand side by side. Null when `searchProblem` has something to say.
 */
export function searchQuery(terms: readonly string[], hashOf: WordHash): string | null {
  if (terms.length === 0 || searchProblem(terms) !== null) return null;
  return terms
    .map(asked)
    .map(({ words, isExcluded }) => `${isExcluded ? '!' : ''}(${phrase(words, hashOf)})`)
    .join(' & ');
}

// A hash is base64url, so that nothing in it ends the quotation.
const phrase = (words: readonly Word[], hashOf: WordHash): string =>
  words
    .map(({ word, at }, index) => {
      const before = words[index - 1];
      const step = before === undefined ? '' : ` <${at - before.at}> `;
      return `${step}'${hashOf(word)}'`;
    })
    .join('');
