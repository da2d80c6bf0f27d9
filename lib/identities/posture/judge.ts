import { ok, type Result, refused } from '@/lib/core/result';
import { singleLine } from '@/lib/core/single-line';
import { type AttesterRule, type PostureType, type SaidFact, textMax } from './schema';

/** Of clocks that go differently. */
const aheadMaxMs = 60_000;

export type JudgedFact = {
  name: string;
  value: boolean | number | string;
  measuredAt: Date;
  until: Date;
};

/** Whether an attester may say anything of this identity. */
export function reachesIdentity(
  { reach, identities, team }: AttesterRule,
  identity: { id: string; team: string | null },
): boolean {
  if (reach === 'all') return true;
  return reach === 'team'
    ? team !== null && team === identity.team
    : identities.includes(identity.id);
}

/** What one fact comes to, or the sentence that says what is wrong with it. */
export function judgeFact(
  name: string,
  said: SaidFact,
  {
    type,
    rule,
    now,
  }: { type: PostureType | undefined; rule: Pick<AttesterRule, 'facts'>; now: Date },
): Result<JudgedFact, 'wrong'> {
  const wrong = (sentence: string) => refused('wrong', `${shorten(name)}: ${sentence}`);
  if (type === undefined)
    return wrong('no such fact is registered. An administrator does that under Settings, Posture.');
  if (!rule.facts.includes(name)) return wrong('this attester may not say it.');
  const value = typedOf(type, said.value);
  if (value === null) return wrong(expects(type));
  const measuredAt = new Date(said.measured_at);
  const aheadMs = measuredAt.getTime() - now.getTime();
  if (aheadMs > aheadMaxMs)
    return wrong('it was measured in the future. Set the clock of the attester.');
  const minutes = said.valid_for_minutes ?? type.longestMinutes;
  if (minutes > type.longestMinutes)
    return wrong(`it holds for ${type.longestMinutes} minutes at most.`);
  const until = new Date(measuredAt.getTime() + minutes * 60_000);
  if (until <= now)
    return wrong('it was measured so long ago that it holds no more. Measure again.');
  return ok({ name, value, measuredAt, until });
}

const decimalDigits = /^-?\d{1,14}(\.\d{1,4})?$/;

function typedOf({ type, choices }: PostureType, value: SaidFact['value']) {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
    case 'decimal': {
      const digits = typeof value === 'boolean' ? '' : String(value);
      if (!decimalDigits.test(digits)) return null;
      return digits.includes('.') ? digits : `${digits}.0`;
    }
    case 'choice':
      return typeof value === 'string' && choices.includes(value) ? value : null;
    default:
      return typeof value === 'string' &&
        value !== '' &&
        value.length <= textMax &&
        singleLine.test(value)
        ? value
        : null;
  }
}

function expects({ type, choices }: PostureType): string {
  switch (type) {
    case 'boolean':
      return 'it is true or false.';
    case 'integer':
      return 'it is a whole number.';
    case 'decimal':
      return 'it is a number with four digits behind the point at most.';
    case 'choice':
      return `it is one of ${choices.map(shorten).join(', ')}.`;
    default:
      return `it is one line of text of ${textMax} characters at most.`;
  }
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
