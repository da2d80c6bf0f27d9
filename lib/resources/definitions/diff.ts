/** How two definitions differ, by JSON path. Pure: what is shown of it is for whoever shows it to make visible. */

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

export type WordPart = { is: 'same' | 'added' | 'removed'; text: string };
export type Change = { path: string } & (
  | { is: 'added'; after: Json }
  | { is: 'removed'; before: Json }
  /** `words` of two texts: how one becomes the other. */
  | { is: 'changed'; before: Json; after: Json; words: readonly WordPart[] | null }
);

/** So many are told; a definition may hold thousands of fields. */
export const changesMax = 500;

export function diffJson(before: Json, after: Json): { changes: Change[]; more: number } {
  const [was, is] = [flatten(before), flatten(after)];
  const changes: Change[] = [];
  for (const [path, value] of is) {
    const old = was.get(path);
    if (old === undefined) changes.push({ path, is: 'added', after: value });
    else if (!isSame(old, value))
      changes.push({ path, is: 'changed', before: old, after: value, words: wordsOf(old, value) });
  }
  for (const [path, value] of was)
    if (!is.has(path)) changes.push({ path, is: 'removed', before: value });
  changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { changes: changes.slice(0, changesMax), more: Math.max(0, changes.length - changesMax) };
}

const wordsOf = (before: Json, after: Json) =>
  typeof before === 'string' && typeof after === 'string' ? diffWords(before, after) : null;

const isSame = (one: Json, other: Json): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Every leaf by its path. Lists of named things go by name and lists of words by word, so that order is no change. */
function flatten(value: Json): Map<string, Json> {
  const found = new Map<string, Json>();
  walk(value, '$', found);
  return found;
}

function walk(value: Json, path: string, found: Map<string, Json>): void {
  if (typeof value !== 'object' || value === null) {
    found.set(path, value);
    return;
  }
  if (isList(value)) {
    if (value.length === 0) found.set(path, value);
    const names = value.map(nameOf);
    const isNamed = names.every((name) => name !== null) && new Set(names).size === names.length;
    const isWords = !isNamed && value.every((each) => typeof each !== 'object');
    value.forEach((each, at) => {
      if (isNamed) walk(each, `${path}[${JSON.stringify(names[at])}]`, found);
      else if (isWords) found.set(`${path}[${JSON.stringify(each)}]`, each);
      else walk(each, `${path}[${at}]`, found);
    });
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0 && path !== '$') found.set(path, value);
  for (const [key, each] of entries) walk(each, `${path}${step(key)}`, found);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const nameOf = (value: Json): string | null => {
  if (typeof value !== 'object' || value === null || isList(value)) return null;
  const own = value as { readonly [key: string]: Json }; // What is left.
  const inner = own.function;
  const name = own.name ?? (isPlain(inner) ? inner.name : undefined);
  return typeof name === 'string' ? name : null;
};

const isPlain = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !isList(value);

const step = (key: string): string =>
  /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;

/** Words, runs of blanks, and every other character by itself. */
const tokens = /\s+|[\p{L}\p{N}_]+|[^\s]/gu;
/** Beyond so many comparisons texts are shown whole, before and after. */
const comparisonsMax = 4_000_000;

/** How one text becomes another, by words: the longest common subsequence, common ends first. */
export function diffWords(before: string, after: string): WordPart[] {
  const [a, b] = [before.match(tokens) ?? [], after.match(tokens) ?? []];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (
    end < a.length - start &&
    end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  )
    end += 1;
  const [was, is] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const parts = createParts();
  parts.push('same', a.slice(0, start));
  if (was.length * is.length > comparisonsMax) {
    parts.push('removed', was);
    parts.push('added', is);
  } else align(was, is, parts.push);
  parts.push('same', end === 0 ? [] : a.slice(-end));
  return readable(parts.list);
}

/** Blanks and signs that two changes have between them belong to both: what was there, then what is. */
function readable(parts: readonly WordPart[]): WordPart[] {
  const list: WordPart[] = [];
  let [removed, added] = ['', ''];
  const flush = () => {
    if (removed !== '') list.push({ is: 'removed', text: removed });
    if (added !== '') list.push({ is: 'added', text: added });
    [removed, added] = ['', ''];
  };
  parts.forEach((part, at) => {
    const isBetween = at > 0 && at < parts.length - 1 && !/[\p{L}\p{N}]/u.test(part.text);
    if (part.is === 'removed') removed += part.text;
    else if (part.is === 'added') added += part.text;
    else if (isBetween) [removed, added] = [removed + part.text, added + part.text];
    else {
      flush();
      list.push(part);
    }
  });
  flush();
  return list;
}

function align(
  was: readonly string[],
  is: readonly string[],
  push: (is: WordPart['is'], words: readonly string[]) => void,
): void {
  const width = is.length + 1;
  const lengths = new Uint32Array((was.length + 1) * width);
  for (let i = was.length - 1; i >= 0; i -= 1)
    for (let j = is.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] =
        was[i] === is[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  let [i, j] = [0, 0];
  while (i < was.length && j < is.length) {
    if (was[i] === is[j]) {
      push('same', [was[i] ?? '']);
      i += 1;
      j += 1;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) {
      push('removed', [was[i] ?? '']);
      i += 1;
    } else {
      push('added', [is[j] ?? '']);
      j += 1;
    }
  }
  push('removed', was.slice(i));
  push('added', is.slice(j));
}

function createParts() {
  const list: WordPart[] = [];
  return {
    list,
    push(is: WordPart['is'], words: readonly string[]) {
      const text = words.join('');
      if (text === '') return;
      const last = list.at(-1);
      if (last?.is === is) last.text += text;
      else list.push({ is, text });
    },
  };
}
