import { cut, NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX } from './forms';
import { unfinishedSecret } from './known-secrets';
import { canHoldSecret, redactText, type Tally } from './redact';
import { type ContentPolicy, type Interaction, marks } from './schema';

/** The facts that hold what a sender wrote. */
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
  'errorType',
  'clientAddress',
  'serverAddress',
] as const satisfies (keyof Interaction)[];

/** The shortest text in which a secret is told from a word. */
const SECRET_CHARACTERS_MIN = 8;

/**
 * Applies what the organisation keeps of content, in place, before anything is stored. `redact`
 * replaces known secrets in bodies and facts; `digest` redacts the facts and marks the interaction, whose
 * bodies the log then keeps as sizes and digests only; `keep` changes nothing.
 */
export function applyContentPolicy(interaction: Interaction, policy: ContentPolicy): Interaction {
  if (policy === 'keep') return interaction;
  const tally: Tally = new Map();
  redactFacts(interaction, tally);
  if (policy === 'digest') interaction.marks |= marks.digest_only;
  else for (const body of interaction.bodies) body.text = redactText(body.text, tally);
  interaction.redacted = tallyText(tally);
  return interaction;
}

function redactFacts(interaction: Interaction, tally: Tally): void {
  const wasCut = (interaction.marks & marks.truncated) !== 0;
  if (!wasCut && !canHoldSecret(allFacts(interaction))) return;
  for (const fact of writtenFacts) {
    const text = interaction[fact];
    if (text === null || text.length < SECRET_CHARACTERS_MIN) continue;
    const mayEndCut = wasCut && text.length >= NAME_CHARACTERS_MAX - 1;
    const redacted = redactText(text, tally);
    const whole = mayEndCut ? redactEnd(redacted, tally) : redacted;
    if (whole !== text) interaction[fact] = cut(whole, TEXT_CHARACTERS_MAX);
  }
}

/** All facts at once: one look instead of sixteen tells of most interactions that they are clean. */
function allFacts(interaction: Interaction): string {
  let text = '';
  for (const fact of writtenFacts) text += `${interaction[fact] ?? ''}\n`;
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
