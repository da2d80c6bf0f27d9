import { assignedSecretTriggers, findAssignedSecret } from './assigned-secrets';
import { type KnownSecret, knownSecrets } from './known-secrets';
import { findNamedSecret, namedSecretTriggers } from './named-secrets';

/** How many secrets of each kind were replaced. */
export type Tally = Map<string, number>;

type Rules = { isNamed: boolean; shapes: KnownSecret[] };

/** By trigger, as a number of three bytes. */
const rules = new Map<number, Rules>();

/**
 * Tells of almost every three characters that they are no trigger, in about a nanosecond: one look
 * into 32 KB. A hit by accident is then looked up among the rules.
 */
const maybe = new Uint8Array(1 << 15);
const HASH_MASK = maybe.length - 1;

function rulesFor(trigger: string): Rules {
  const [a, b, c] = Buffer.from(trigger, 'latin1');
  const number = numberOf(a, b, c);
  const found = rules.get(number) ?? { isNamed: false, shapes: [] };
  rules.set(number, found);
  maybe[(((a ?? 0) << 10) ^ ((b ?? 0) << 5) ^ (c ?? 0)) & HASH_MASK] = 1;
  return found;
}

for (const secret of knownSecrets)
  for (const trigger of secret.triggers) rulesFor(trigger).shapes.push(secret);
for (const trigger of [...namedSecretTriggers, ...assignedSecretTriggers])
  rulesFor(trigger).isNamed = true;

function numberOf(a = 0, b = 0, c = 0): number {
  return (a << 16) | (b << 8) | c;
}

const rulesAt = (bytes: Uint8Array, at: number) =>
  rules.get(numberOf(bytes[at - 2], bytes[at - 1], bytes[at]));

type Replacement = { from: number; to: number; text: string; kind: string };

/**
 * The text's UTF-16 units, low bytes only: scanning bytes takes a third of the time of `charCodeAt`,
 * and a unit that is not ASCII can at worst look like a trigger.
 */
const scratch = Buffer.alloc(65_536);
function bytesOf(text: string): Buffer {
  if (text.length > scratch.length) return Buffer.from(text, 'latin1');
  scratch.write(text, 0, 'latin1');
  return scratch;
}

/** Where the next trigger ends that lies within these bounds, or -1. */
function nextTrigger(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) {
    hash = ((hash << 5) ^ (bytes[at] ?? 0)) & HASH_MASK;
    if ((maybe[hash] ?? 0) !== 0 && at >= from + 2 && rulesAt(bytes, at) !== undefined) return at;
  }
  return -1;
}

/** Whether a secret can stand in the text at all. No is certain, yes is a guess. */
export function canHoldSecret(text: string): boolean {
  return nextTrigger(bytesOf(text), 0, text.length) !== -1;
}

/**
 * The text with every known secret replaced by `[redacted:kind]`, counted into `tally`.
 * JSON stays JSON. One pass, linear in the text's length.
 */
export function redactText(text: string, tally: Tally): string {
  let kept = 0;
  let redacted = '';
  for (const { from, to, text: marker, kind } of findSecrets(text)) {
    redacted += text.slice(kept, from) + marker;
    kept = to;
    tally.set(kind, (tally.get(kind) ?? 0) + 1);
  }
  return kept === 0 ? text : redacted + text.slice(kept);
}

/** Every known secret in the text, in order and apart from each other, and what stands for it. */
export function findSecrets(text: string): Replacement[] {
  const bytes = bytesOf(text);
  const secrets: Replacement[] = [];
  let kept = 0;
  let at = nextTrigger(bytes, 0, text.length);
  while (at !== -1) {
    const found = replacementAt(text, at, rulesAt(bytes, at));
    if (found !== null && found.from >= kept) {
      secrets.push(found);
      kept = found.to;
    }
    at = nextTrigger(bytes, Math.max(kept, at - 1), text.length);
  }
  return secrets;
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
  const named = findAssignedSecret(text, at) ?? findNamedSecret(text, at);
  if (named === null) return null;
  const { from, to, quote, kind } = named;
  return { from, to, text: `${quote}[redacted:${kind}]${quote}`, kind };
}
