import { type KnownSecret, knownSecrets } from './known-secrets';
import { findNamedSecret, namedSecretTriggers } from './named-secrets';

/** How many secrets of each kind were replaced. */
export type Tally = Map<string, number>;

type Rules = { isNamed: boolean; shapes: KnownSecret[] };

/**
 * Three characters at a time through a table of 32 KB, which tells almost every place that nothing
 * can stand there in about a nanosecond; a false hit only costs a pattern that does not match.
 */
const HASH_MASK = 0x7fff;
const step = (hash: number, code: number) => ((hash << 5) ^ code) & HASH_MASK;
const hashOf = (trigger: string) =>
  [...trigger].reduce((hash, character) => step(hash, character.charCodeAt(0)), 0);

const ruleAt = new Uint8Array(HASH_MASK + 1);
const NAMED_ONLY = 1;
const rules: Rules[] = [
  { isNamed: false, shapes: [] },
  { isNamed: true, shapes: [] },
];

for (const secret of knownSecrets)
  for (const trigger of secret.triggers) {
    const hash = hashOf(trigger);
    const known = rules[ruleAt[hash] ?? 0];
    if (known !== undefined && ruleAt[hash] !== 0) known.shapes.push(secret);
    else ruleAt[hash] = rules.push({ isNamed: false, shapes: [secret] }) - 1;
  }
for (const trigger of namedSecretTriggers) {
  const hash = hashOf(trigger);
  const known = rules[ruleAt[hash] ?? 0];
  if (known !== undefined && ruleAt[hash] !== 0) known.isNamed = true;
  else ruleAt[hash] = NAMED_ONLY;
}

type Replacement = { from: number; to: number; text: string; kind: string };

/**
 * The text with every known secret replaced by `[redacted:kind]`, counted into `tally`.
 * JSON stays JSON. One pass, linear in the text's length.
 */
export function redactText(text: string, tally: Tally): string {
  let kept = 0;
  let redacted = '';
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    hash = ((hash << 5) ^ text.charCodeAt(at)) & HASH_MASK;
    const rule = ruleAt[hash];
    if (rule === 0 || rule === undefined || at < kept + 2) continue;
    const found = replacementAt(text, at, rules[rule]);
    if (found === null || found.from < kept) continue;
    redacted += text.slice(kept, found.from) + found.text;
    kept = found.to;
    tally.set(found.kind, (tally.get(found.kind) ?? 0) + 1);
    at = kept - 1;
    hash = 0;
  }
  return kept === 0 ? text : redacted + text.slice(kept);
}

function replacementAt(text: string, at: number, rule: Rules | undefined): Replacement | null {
  if (rule === undefined) return null;
  for (const shape of rule.shapes) {
    const { pattern, kind, isSecret } = shape;
    pattern.lastIndex = at - 2;
    const match = pattern.exec(text);
    if (match === null) continue;
    const [whole, before = ''] = match;
    if (isSecret !== undefined && !isSecret(whole.slice(before.length))) continue;
    const from = match.index + before.length;
    return { from, to: match.index + whole.length, text: `[redacted:${kind}]`, kind };
  }
  if (!rule.isNamed) return null;
  const named = findNamedSecret(text, at);
  if (named === null) return null;
  const { from, to, quote, kind } = named;
  return { from, to, text: `${quote}[redacted:${kind}]${quote}`, kind };
}
