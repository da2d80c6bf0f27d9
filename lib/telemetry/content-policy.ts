import { cut, NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX } from './forms';
import { unfinishedSecret } from './known-secrets';
import { canHoldSecret, redactText, type Tally } from './redact';
import { type Body, type ContentPolicy, type Interaction, type Measurement, marks } from './schema';

/** The facts of an interaction that hold what a sender wrote. */
const writtenFacts = [
  'name',
  'operation',
  'provider',
  'model',
  'requestModel',
  'resource',
  'declaredName',
  'declaredId',
  'declaredVersion',
  'service',
  'environment',
  'onBehalfOf',
  'conversation',
  'promptId',
  'requestId',
  'responseId',
  'toolCallId',
  'errorType',
  'clientAddress',
  'serverAddress',
] as const satisfies (keyof Interaction)[];

/** The same of a measurement. */
const writtenOfMeasurement = [
  'name',
  'unit',
  'operation',
  'provider',
  'model',
  'tokenType',
  'tool',
  'declaredName',
  'declaredId',
  'declaredVersion',
  'service',
  'environment',
  'onBehalfOf',
  'conversation',
  'errorType',
] as const satisfies (keyof Measurement)[];

/** The shortest text in which a secret is told from a word. */
const SECRET_CHARACTERS_MIN = 8;

/**
 * Applies what the organisation keeps of content, in place, before anything is stored. `redact`
 * replaces known secrets in bodies and facts; `digest` redacts the facts and marks the interaction, whose
 * bodies the log then keeps as sizes and digests only; `keep` changes nothing.
 */
export function applyContentPolicy(interaction: Interaction, policy: ContentPolicy): Interaction {
  applyTo(interaction, interaction, writtenFacts, policy);
  return interaction;
}

/** The same to a measurement. */
export function applyContentPolicyToMeasurement(
  measurement: Measurement,
  policy: ContentPolicy,
): Measurement {
  applyTo(measurement, measurement, writtenOfMeasurement, policy);
  return measurement;
}

type Subject = { marks: number; redacted: string | null; bodies: Body[] };
type Facts<Key extends string> = { [Name in Key]: string | null };

/** `facts` is the subject itself, as far as it holds text that was sent. */
function applyTo<Key extends string>(
  subject: Subject,
  facts: Facts<Key>,
  keys: readonly Key[],
  policy: ContentPolicy,
): void {
  if (policy === 'keep') return;
  const tally: Tally = new Map();
  redactFacts(facts, keys, (subject.marks & marks.truncated) !== 0, tally);
  if (policy === 'digest') subject.marks |= marks.digest_only;
  else for (const body of subject.bodies) body.text = redactText(body.text, tally);
  subject.redacted = tallyText(tally);
}

function redactFacts<Key extends string>(
  facts: Facts<Key>,
  keys: readonly Key[],
  wasCut: boolean,
  tally: Tally,
): void {
  if (!wasCut && !canHoldSecret(allOf(facts, keys))) return;
  for (const key of keys) {
    const text = facts[key];
    if (text === null || text.length < SECRET_CHARACTERS_MIN) continue;
    const mayEndCut = wasCut && text.length >= NAME_CHARACTERS_MAX - 1;
    const redacted = redactText(text, tally);
    const whole = mayEndCut ? redactEnd(redacted, tally) : redacted;
    if (whole !== text) facts[key] = cut(whole, TEXT_CHARACTERS_MAX);
  }
}

/** All facts at once: one look instead of twenty tells of most items that they are clean. */
function allOf<Key extends string>(facts: Facts<Key>, keys: readonly Key[]): string {
  let text = '';
  for (const key of keys) text += `${facts[key] ?? ''}\n`;
  return text;
}

/** Cutting a fact may have cut a secret, which then no longer has its shape. */
function redactEnd(text: string, tally: Tally): string {
  const redacted = text.replace(unfinishedSecret, '[redacted:unfinished]');
  if (redacted !== text) tally.set('unfinished', (tally.get('unfinished') ?? 0) + 1);
  return redacted;
}

function tallyText(tally: Tally): string | null {
  if (tally.size === 0) return null;
  return [...tally]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${kind}=${count}`)
    .join(' ');
}
