/** Longer text stays as it is: laid out, a hostile one would be many times its size. */
export const prettyCharsMax = 500_000;
const indentMax = 20;

/**
 * Lays JSON out on lines without touching a single token: numbers keep all their digits, repeated keys
 * stay, strings keep their escapes. What is shown is what was sent. Null when `text` is not JSON.
 */
export function prettyJson(text: string): string | null {
  if (text.length > prettyCharsMax || !/^\s*[{["]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const parts: string[] = [];
  let depth = 0;
  const line = () => parts.push('\n', '  '.repeat(Math.min(depth, indentMax)));
  for (const [index, token] of tokens.entries()) {
    if (token === '{' || token === '[') {
      depth += 1;
      parts.push(token);
      const closes = token === '{' ? '}' : ']';
      if (tokens[index + 1] !== closes) line();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      const opened = tokens[index - 1];
      if (opened !== '{' && opened !== '[') line();
      parts.push(token);
    } else if (token === ',') {
      parts.push(token);
      line();
    } else parts.push(token === ':' ? ': ' : token);
  }
  return parts.join('');
}
