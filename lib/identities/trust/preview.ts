import { judgeTrust, type TrustFacts } from './judge';
import { type TrustLevel, type TrustPreview, type TrustRules, trustLevels } from './schema';

/** Where each of these would stand once the rules were applied until nothing moves. */
export function foretell(
  all: readonly TrustFacts[],
  rules: TrustRules,
  now: Date,
): Omit<TrustPreview, 'isBounded'> {
  const rise = { probation: 0, trusted: 0 };
  const fall = { observed: 0, probation: 0 };
  let stay = 0;
  for (const facts of all) {
    const to = settledLevel(facts, rules, now);
    if (to === facts.level) stay += 1;
    else if (rankOf(to) > rankOf(facts.level)) rise[to === 'trusted' ? to : 'probation'] += 1;
    else fall[to === 'observed' ? to : 'probation'] += 1;
  }
  return { rise, fall, stay };
}

const rankOf = (level: TrustLevel): number => trustLevels.indexOf(level);

/** One level up at a time, and further at once where the next asks for no waiting. */
function settledLevel(facts: TrustFacts, rules: TrustRules, now: Date): TrustLevel {
  const { level } = judgeTrust(facts, rules, now);
  if (rankOf(level) <= rankOf(facts.level)) return level;
  return settledLevel({ ...facts, level, levelAt: now }, rules, now);
}
