/**
 * Secrets that are assigned to a name in other languages than JSON: `password = 'hunter22'` and
 * `IDENTIFIED BY 'hunter22'` in SQL, `?api_key=abcdefgh&…` in the query of an address.
 */
import {
  isLikelyToken,
  kindOfName,
  type NamedSecret,
  secretName,
  stringEnd,
} from './named-secrets';

const QUOTE = 0x27; // '

/** Before the quote: a name and what assigns, or the words of SQL that a password follows. */
const literalLead = new RegExp(
  `(?<=(?:${secretName})[\\\\"\`\\]]{0,3}\\s{0,8}(?::?={1,2}|:)\\s{0,8}|\\bpassword(?:\\s{1,8}|\\s{0,8}\\(\\s{0,8})|\\bidentified(?:\\s{1,8}(?:with|by)\\s{1,8}[\\w']{1,64})?\\s{1,8}by\\s{1,8})'`,
  'iy',
);
/** Nothing that anybody typed: what a statement is prepared with, or what separates two texts in quotes. */
const noLiteral = /^(?:[,\s}\])]|(?:\?|\$\d{1,4}|%s|[:@]\w{1,64})$)/;

/** Names that are common outside of a query, where they tell nothing. */
const queryNames: Record<string, string> = {
  signature: '(?:[\\w.~-]{0,64}[-_.])?sig(?:nature)?',
  api_key: 'key',
  code: 'code',
  authorization: 'auth',
  password: 'pass|pw',
  jwt: 'jwt',
};
const queryName = Object.entries(queryNames)
  .map(([kind, source]) => `(?<query_${kind}>${source})`)
  .join('|');
const queryStart = '(?:[?&;#]|url\\.query\\\\{0,15}"\\s{0,8}:\\s{0,8}\\\\{0,15}")';
const queryValue = new RegExp(
  `(?<=${queryStart}(?:[\\w.~-]{0,64}(?:${secretName})|${queryName})=)[^&;#\\s"'\\\\<>{}$][^&;#\\s"'\\\\<>]{0,4095}`,
  'iy',
);

/** The last three characters before a value can begin. */
export const assignedSecretTriggers: readonly string[] = [
  ...["= '", " ='", "`='", `"='`, "]='"],
  ...['d', 'y'].flatMap((letter) => [`${letter} '`, `${letter.toUpperCase()} '`]),
  ...["d('", "D('", "n '", "N '", "t '", "T '"],
  ...['ig=', 'IG=', 're=', 'RE=', 'de=', 'DE=', 'th=', 'TH=', 'ss=', 'SS=', 'pw=', 'wt='],
];

/** The secret that is assigned at, or just behind, `at`; or null. */
export function findAssignedSecret(text: string, at: number): NamedSecret | null {
  return findLiteral(text, at) ?? findInQuery(text, at);
}

function findLiteral(text: string, at: number): NamedSecret | null {
  let quoteAt = at;
  // What ends a name may be the `=` or `:` itself, with space behind it.
  while (quoteAt < at + 8 && /[=:\s]/.test(text[quoteAt] ?? '')) quoteAt += 1;
  if (text.charCodeAt(quoteAt) !== QUOTE) return null;
  literalLead.lastIndex = quoteAt;
  const groups = literalLead.exec(text)?.groups;
  if (groups === undefined) return null;
  const from = quoteAt + 1;
  const to = literalEnd(text, from);
  const value = text.slice(from, to);
  if (value === '' || noLiteral.test(value)) return null;
  const kind = kindOfName(groups) ?? 'password';
  if (kind === 'likely_token' && !isLikelyToken(value)) return null;
  return { from, to, quote: '', kind: kind === 'likely_token' ? 'token' : kind };
}

/** A quote within is written twice. What never ends, or ends with what it stands in, is a word. */
function literalEnd(text: string, from: number): number {
  let end = stringEnd(text, from, QUOTE, 0);
  while (text.charCodeAt(end) === QUOTE && text.charCodeAt(end + 1) === QUOTE)
    end = stringEnd(text, end + 2, QUOTE, 0);
  if (text.charCodeAt(end) === QUOTE) return end;
  const space = text.slice(from, end).search(/\s/);
  return space === -1 ? end : from + space;
}

function findInQuery(text: string, at: number): NamedSecret | null {
  if (text[at] !== '=') return null;
  queryValue.lastIndex = at + 1;
  const found = queryValue.exec(text);
  if (found === null || /^(?:true|false|null)$/i.test(found[0])) return null;
  const groups = found.groups ?? {};
  const own = Object.keys(queryNames).find((kind) => groups[`query_${kind}`] !== undefined);
  const kind = own ?? kindOfName(groups) ?? 'secret';
  return {
    from: at + 1,
    to: queryValue.lastIndex,
    quote: '',
    kind: kind === 'likely_token' ? 'token' : kind,
  };
}
