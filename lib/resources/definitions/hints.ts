import { visibleSegments } from '@/lib/inventory/visible';
import { diffJson, type Json } from './diff';

/**
 * What a reviewer should look at twice. Each is a fact about the text, found by rule and quoted; none says that a
 * definition is good or bad, and that there is none says nothing.
 */
export type Hint = { path: string; says: string; quote: string | null };

export const hintsMax = 50;
const quoteMax = 160;

/** Texts in which something is said to whoever reads them. */
const phrases: readonly (readonly [pattern: RegExp, says: string])[] = [
  [
    /<\s*(?:important|system|instructions?|secret|hidden)\s*>/i,
    'Has a tag as instructions to a model have',
  ],
  [
    /\b(?:ignore|disregard|forget)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|other)\b/i,
    'Says that something else is to be ignored',
  ],
  [
    /\b(?:do not|don't|never)\b[^.\n]{0,30}\b(?:tell|mention|inform|reveal|show|notify)\b/i,
    'Says that something is not to be told',
  ],
  [
    /\bbefore\b[^.\n]{0,30}\b(?:using|calling|running|invoking)\b/i,
    'Says what is to be done before a tool is used',
  ],
  [
    /\b(?:you must|you should|always)\b[^.\n]{0,40}\b(?:call|use|read|send|include|pass|first)\b/i,
    'Tells the model what to do',
  ],
  [
    /(?:~\/\.|\/etc\/|\.ssh\b|id_rsa|\.env\b|\.aws\b|mcp\.json)/i,
    'Names a file where secrets are usually kept',
  ],
  [
    /\b(?:api[ _-]?keys?|passwords?|access tokens?|private keys?|credentials?|secrets?)\b/i,
    'Names a secret',
  ],
  [/<!--/, 'Has a comment that is not shown where it is rendered'],
  [/[A-Za-z0-9+/]{120,}={0,2}/, 'Has a long run of characters without words, as encoded text has'],
  [/\bhttps?:\/\/[^\s"'<>]+/i, 'Names an address'],
];

const isProse = (path: string) => /\.(?:description|title|examples?)\b[^.]*$/.test(path);

/** `before`: what was approved last, or null. */
export function reviewHints(before: Json | null, after: Json): Hint[] {
  const hints: Hint[] = [];
  const { changes } = diffJson(before ?? {}, after);
  for (const change of changes) {
    if (change.is === 'removed') hints.push(...loosened(change.path, change.before, null));
    else {
      const was = change.is === 'changed' ? change.before : null;
      hints.push(...said(change.path, change.after));
      if (before !== null) hints.push(...opened(change.path, was, change.after));
    }
  }
  const added = before === null ? [] : newParameters(before, after);
  return [...added, ...hints].slice(0, hintsMax);
}

function said(path: string, value: Json): Hint[] {
  if (typeof value !== 'string') return [];
  const hidden = visibleSegments(value).filter(({ kind }) => kind === 'hidden');
  const hints: Hint[] =
    hidden.length === 0
      ? []
      : [
          {
            path,
            says:
              hidden.length === 1
                ? 'Has a character that cannot be seen or that turns the direction of text'
                : `Has ${hidden.length} characters that cannot be seen or that turn the direction of text`,
            quote: cut(value),
          },
        ];
  if (!isProse(path)) return hints;
  for (const [pattern, says] of phrases) {
    const match = pattern.exec(value);
    if (match !== null) hints.push({ path, says, quote: around(value, match.index) });
  }
  return hints;
}

/** What lets in more than before by being there. */
function opened(path: string, was: Json | null, is: Json): Hint[] {
  if (/\.type$/.test(path) && was !== null)
    return [
      { path, says: `Another type than before: ${text(was)} became ${text(is)}`, quote: null },
    ];
  if (/\.additionalProperties$/.test(path) && is === true)
    return [{ path, says: 'Takes parameters that are not described', quote: null }];
  if (/\.type\["[a-z]+"\]$/.test(path))
    return [{ path, says: `Takes one more type: ${text(is)}`, quote: null }];
  if (/\.enum\[/.test(path))
    return [{ path, says: `Takes one more value: ${text(is)}`, quote: null }];
  if (/\.(?:maximum|maxLength|maxItems)$/.test(path) && Number(is) > Number(was) && was !== null)
    return [{ path, says: `A bound was raised from ${text(was)} to ${text(is)}`, quote: null }];
  if (/\.annotations\.(?:readOnlyHint|idempotentHint)$/.test(path) && is === false && was === true)
    return [{ path, says: 'No longer says that it changes nothing', quote: null }];
  if (/\.annotations\.(?:destructiveHint|openWorldHint)$/.test(path) && is === true)
    return [{ path, says: 'Says that it may destroy or reach outside', quote: null }];
  return [];
}

/** What lets in more than before by being gone. */
function loosened(path: string, was: Json, _is: null): Hint[] {
  if (
    /\.(?:type|enum\[.*\]|pattern|format|maximum|minimum|maxLength|maxItems|const)$/.test(path) &&
    !/\.enum\[/.test(path)
  )
    return [{ path, says: `A bound is gone: ${text(was)}`, quote: null }];
  if (/\.required\[/.test(path))
    return [{ path, says: `No longer required: ${text(was)}`, quote: null }];
  if (/\.additionalProperties$/.test(path) && was === false)
    return [{ path, says: 'Takes parameters that are not described', quote: null }];
  return [];
}

/** Parameters that were not there, by where they stand. */
function newParameters(before: Json, after: Json): Hint[] {
  const was = new Set(parametersOf(before, '$'));
  return parametersOf(after, '$')
    .filter((path) => !was.has(path))
    .map((path) => ({ path, says: 'A new parameter', quote: null }));
}

function parametersOf(value: Json, path: string, depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > 64) return [];
  if (Array.isArray(value))
    return value.flatMap((each: Json, at: number) =>
      parametersOf(each, `${path}[${at}]`, depth + 1),
    );
  const found: string[] = [];
  for (const [key, each] of Object.entries(value as { [key: string]: Json })) {
    const at = `${path}.${key}`;
    if (path.endsWith('.properties')) found.push(at);
    found.push(...parametersOf(each, at, depth + 1));
  }
  return found;
}

const cut = (value: string) => (value.length > quoteMax ? `${value.slice(0, quoteMax)}…` : value);
const around = (value: string, at: number) => {
  const from = Math.max(0, at - 40);
  return `${from > 0 ? '…' : ''}${cut(value.slice(from))}`;
};
const text = (value: Json) => cut(typeof value === 'string' ? value : JSON.stringify(value));
