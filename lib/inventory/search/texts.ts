/**
 * The texts of a body: of JSON its strings, numbers and names, unescaped, also those of JSON within a string, as
 * tool arguments are sent; anything else as it is. Works on what is cut or malformed too, and goes no
 * deeper than senders usually nest.
 */
const jsonWithinMax = 3;
const startsJson = /^\s*[[{]/;
// A string that is cut short ends with the text: each start of one is tried once.
const tokens = /"([^"\\]*(?:\\.[^"\\]*)*)(?:"(\s*:)?|\\?$)|[^\s"{}[\],:]+/gs;
/** Names that every message has: searching for one of these words is not about them. */
const structure = new Set(['role', 'parts', 'type', 'content']);
const noText = new Set(['null', 'true', 'false']);

export function textsOf(body: string, depth = 0): string[] {
  if (depth > jsonWithinMax || !startsJson.test(body)) return [body];
  const texts: string[] = [];
  for (const [bare, string, colon] of body.matchAll(tokens)) {
    if (string === undefined) {
      if (!noText.has(bare)) texts.push(bare);
    } else if (colon === undefined || !structure.has(string)) {
      if (string === '') continue;
      const text = string.includes('\\') ? unescaped(string) : string;
      if (startsJson.test(text)) texts.push(...textsOf(text, depth + 1));
      else texts.push(text);
    }
  }
  return texts;
}

const signs: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

const unescaped = (string: string): string =>
  string.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code, sign) =>
    code === undefined ? (signs[sign] ?? sign) : String.fromCharCode(Number.parseInt(code, 16)),
  );
