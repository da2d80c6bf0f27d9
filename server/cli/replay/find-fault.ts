const token =
  /\s*(?:([[{])|([\]}])|([,:])|("(?:[^"\\\p{Cc}]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/uy;

type Expects = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'more';

/** In which line a text that is no JSON stops being it. JSON.parse does not always say. */
export function findFaultLine(text: string): number {
  const open: string[] = [];
  let expects = 'value' as Expects;
  let at = 0;
  const ended = (): Expects | null => (open.length === 0 ? null : 'more');
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) break;
    const [whole, opens, closes, between, string] = found;
    let next: Expects | null | undefined;
    const isKey = expects === 'key' || expects === 'key or end';
    if (closes !== undefined) {
      const mayEnd = expects === 'more' || expects.endsWith('or end');
      if (mayEnd && open.pop() === (closes === ']' ? '[' : '{')) next = ended();
    } else if (between !== undefined) {
      if (expects === 'colon' && between === ':') next = 'value';
      if (expects === 'more' && between === ',') next = open.at(-1) === '{' ? 'key' : 'value';
    } else if (isKey) next = string === undefined ? undefined : 'colon';
    else if (expects.startsWith('value')) {
      if (opens === undefined) next = ended();
      else {
        open.push(opens);
        next = opens === '{' ? 'key or end' : 'value or end';
      }
    }
    if (next === undefined) break;
    at += whole.length;
    if (next === null) break;
    expects = next;
  }
  const fault = at + (/\S/.exec(text.slice(at))?.index ?? 0);
  return text.slice(0, fault).split('\n').length;
}
