const blank = /\s*/y;
const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

type Expects = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'more';

/** In which line a text that is no JSON stops being it. JSON.parse does not always say. Linear in its length. */
export function findFaultLine(text: string): number {
  const open: string[] = [];
  let expects = 'value' as Expects | null;
  let at = 0;
  while (expects !== null) {
    at = endOf(blank, text, at) ?? at;
    const token = text[at] ?? '';
    const next = following(expects, token, open);
    const end: number | null = next === undefined ? null : endOfToken(text, at, token);
    if (next === undefined || end === null) break;
    at = end;
    expects = next;
  }
  const fault = endOf(blank, text, at) ?? at;
  let line = 1;
  for (let found = text.indexOf('\n'); found >= 0 && found < fault; line += 1)
    found = text.indexOf('\n', found + 1);
  return line;
}

/** What may come after a token that begins so; undefined where it may not stand. */
function following(expects: Expects, token: string, open: string[]): Expects | null | undefined {
  const ended = (): Expects | null => (open.length === 0 ? null : 'more');
  const isKey = expects === 'key' || expects === 'key or end';
  switch (token) {
    case '[':
    case '{':
      if (!expects.startsWith('value')) return undefined;
      open.push(token);
      return token === '{' ? 'key or end' : 'value or end';
    case ']':
    case '}':
      if (expects !== 'more' && !expects.endsWith('or end')) return undefined;
      return open.pop() === (token === ']' ? '[' : '{') ? ended() : undefined;
    case ':':
      return expects === 'colon' ? 'value' : undefined;
    case ',':
      if (expects !== 'more') return undefined;
      return open.at(-1) === '{' ? 'key' : 'value';
    case '"':
      if (isKey) return 'colon';
      return expects.startsWith('value') ? ended() : undefined;
    default:
      return expects.startsWith('value') ? ended() : undefined;
  }
}

function endOfToken(text: string, at: number, token: string): number | null {
  if (token === '"') return endOfString(text, at);
  return '[]{}:,'.includes(token) ? at + 1 : endOf(word, text, at);
}

/** By hand: a pattern would try every way to cut a string that does not end. */
function endOfString(text: string, from: number): number | null {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return null;
    if (code !== 0x5c) continue;
    const end = endOf(escaped, text, at);
    if (end === null) return null;
    at = end - 1;
  }
  return null;
}

function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}
