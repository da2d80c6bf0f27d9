/**
 * Secrets that are known by the name they stand under: `"client_secret": "…"` at any depth of JSON,
 * also JSON inside JSON strings, `'password': '…'` as Python prints it, `API_KEY=…`.
 */
export type NamedSecret = {
  kind: string;
  /** What is replaced: from here, up to there, by the marker between these. */
  from: number;
  to: number;
  quote: string;
};

/** The end of a name, by kind. Whatever comes before it in the name does not matter: `aws_session_token`. */
const endings: Record<string, string> = {
  authorization: 'authorization',
  password: 'passw(?:or)?d|passphrase|pwd',
  aws_secret: 'secret[-_. ]?access[-_. ]?key',
  private_key: 'private[-_. ]?key',
  api_key:
    '(?:api|access|secret|subscription|signing|encryption|account|shared|master|auth|license)[-_. ]?(?:access[-_. ]?)?key',
  secret: 'secrets?',
  cookie: 'cookies?',
  credential: 'credentials?',
  connection_string: 'connection[-_. ]?(?:string|str|uri|url)|conn[-_. ]?str',
  token: '(?:access|refresh|id|auth|session|bearer|security|api|bot|oauth)[-_. ]?token',
  /** Only when the value looks like one: `"token": "the"` is a word of a model's answer. */
  likely_token: 'token',
};

/** The end of a name, as a pattern with a group for each kind. */
export const secretName = Object.entries(endings)
  .map(([kind, source]) => `(?<${kind}>${source})`)
  .join('|');

const wholeName = new RegExp(`(?:${secretName})$`, 'i');

/** Which of the kinds a match of `secretName` is of. */
export const kindOfName = (groups: Record<string, string | undefined>): string | undefined =>
  Object.keys(endings).find((ending) => groups[ending] !== undefined);

/** Longer than what any ending takes up. */
const ENDING_CHARACTERS = 64;

/**
 * What kind of credential an attribute of this name holds, or null. A `token` is one only where its value looks
 * like one: see isLikelyToken.
 */
export function credentialKind(attribute: string): string | null {
  const groups = wholeName.exec(attribute.slice(-ENDING_CHARACTERS))?.groups;
  if (groups === undefined) return null;
  const kind = kindOfName(groups);
  return kind === undefined || kind === 'likely_token' ? 'token' : kind;
}

/** Stands at what ends a name: the quote with its backslashes and a colon, or a bare `:` or `=`. */
const separator = new RegExp(
  `(?<=${secretName})(?:(?<slashes>\\\\{0,15})(?<quote>["'])\\s{0,8}:\\s{0,8}|(?<bare>[:=]\\s?))`,
  'iy',
);

/** Every two last letters that a name can have, before whatever can end it. */
export const namedSecretTriggers: readonly string[] = [
  ...[
    'on',
    'rd',
    'wd',
    'se',
    'ey',
    'et',
    'ts',
    'ie',
    'es',
    'al',
    'ls',
    'ng',
    'tr',
    'ri',
    'rl',
    'en',
  ],
].flatMap((letters) =>
  [letters, letters.toUpperCase()].flatMap((pair) =>
    ['"', "'", '\\', ':', '='].map((end) => pair + end),
  ),
);

const bareValue = /(?=[^\s"'\\,;&<>]{0,64}\d)[^\s"'\\,;&<>[\](){}]{8,512}/y;
const word = /[^\s,}\]"'\\]+/y;
const schemaMember =
  /^\{\s{0,64}\\{0,15}"(?:type\\{0,15}"\s{0,8}:\s{0,8}(?:\\{0,15}"(?:string|integer|number|boolean|object|array|null)\\{0,15}"|\[)|\$ref|anyOf|oneOf|allOf|description|title|enum)/;

/** The secret whose name ends just before `at`, or null. */
export function findNamedSecret(text: string, at: number): NamedSecret | null {
  separator.lastIndex = at;
  const found = separator.exec(text);
  if (found === null) return null;
  const groups = found.groups ?? {};
  const kind = kindOfName(groups) ?? 'secret';
  const value = { at: separator.lastIndex, slashes: groups.slashes ?? '', quote: groups.quote };
  const extent = valueAfter(text, value);
  if (kind !== 'likely_token') {
    const whole = extent ?? blockOf(text, value);
    return whole && { ...whole, kind };
  }
  if (extent === null || !isLikelyToken(text.slice(extent.from, extent.to))) return null;
  return { ...extent, kind: 'token' };
}

type Extent = Omit<NamedSecret, 'kind'>;
/** Where a value begins, and the quote that ended its name; none when the name stood bare. */
type Value = { at: number; slashes: string; quote: string | undefined };

export const isLikelyToken = (value: string) => value.length >= 16 && !/\s/.test(value);

/** A string, a number, or what follows a bare name. */
function valueAfter(text: string, { at, slashes, quote }: Value): Extent | null {
  if (quote === undefined) {
    bareValue.lastIndex = at;
    return bareValue.test(text) ? { from: at, to: bareValue.lastIndex, quote: '' } : null;
  }
  if (!isNesting(slashes, quote)) return null;
  const open = slashes + quote;
  if (text.startsWith(open, at)) {
    const from = at + open.length;
    const to = stringEnd(text, from, quote.charCodeAt(0), slashes.length);
    return to > from ? { from, to, quote: '' } : null;
  }
  if (text[at] === '{' || text[at] === '[') return null;
  word.lastIndex = at;
  const value = word.exec(text)?.[0];
  if (value === undefined || /^(?:true|false|null|none|undefined|nan)$/i.test(value)) return null;
  return { from: at, to: at + value.length, quote: open };
}

/** An object or a list, as a whole, unless it only describes the value, as a tool's parameters do. */
function blockOf(text: string, { at, slashes, quote }: Value): Extent | null {
  if (quote === undefined || !isNesting(slashes, quote)) return null;
  if ((text[at] !== '{' && text[at] !== '[') || schemaMember.test(text.slice(at, at + 256)))
    return null;
  const open = slashes + quote;
  return { from: at, to: blockEnd(text, at, open), quote: open };
}

/** JSON within JSON escapes a quote with 0, 1, 3, 7 … backslashes; any other number is no name. */
function isNesting({ length }: string, quote: string): boolean {
  return (length & (length + 1)) === 0 && (quote === '"' || length === 0);
}

const BACKSLASH = 0x5c;
const DOUBLE = 0x22;

/**
 * Where the string ends whose quotes carry `depth` backslashes. A quote with the number of its own
 * depth, after whole escaped backslashes, ends it; one of a lesser depth ends what it stands in.
 */
export function stringEnd(text: string, from: number, own: number, depth: number): number {
  let slashes = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      slashes += 1;
      continue;
    }
    if (code === own && slashes % (2 * depth + 2) === depth) return at - depth;
    if (code === DOUBLE && isOuter(slashes, own, depth)) return at - slashes;
    slashes = 0;
  }
  return text.length;
}

/** Where the object or list ends whose strings open like this; no further than what it stands in. */
function blockEnd(text: string, from: number, open: string): number {
  const depth = open.length - 1;
  const own = open.charCodeAt(depth);
  let nesting = 0;
  let slashes = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      slashes += 1;
      continue;
    }
    if (code === DOUBLE && isOuter(slashes, own, depth)) return at - slashes;
    if (code === own && slashes === depth) {
      const end = stringEnd(text, at + 1, own, depth);
      if (!text.startsWith(open, end)) return end;
      at = end + depth;
    } else if (code === 0x7b || code === 0x5b) nesting += 1;
    else if (code === 0x7d || code === 0x5d) {
      nesting -= 1;
      if (nesting === 0) return at + 1;
    }
    slashes = 0;
  }
  return text.length;
}

/**
 * Whether a double quote after so many backslashes ends what the value itself stands in. Between
 * single quotes nothing tells how deep that is, so any one does: JSON around it stays JSON.
 */
function isOuter(slashes: number, own: number, depth: number): boolean {
  return own !== DOUBLE || slashes % (depth + 1) !== depth;
}
