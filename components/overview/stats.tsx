import Link from 'next/link';
import { unregistered } from '@/lib/inventory/address';
import { amount, thousands } from '@/lib/inventory/labels';
import { type Against, changeText, shareOf, shortCount } from '@/lib/inventory/overview/compare';
import { entriesHref } from '@/lib/inventory/overview/links';
import { againstOf, type Period } from '@/lib/inventory/overview/period';
import type { Comparison } from '@/lib/inventory/overview/queries';
import { type Figures, usageKinds } from '@/lib/inventory/overview/schema';

/** The figures of the whole period, each with its change and its entries. */
export function Stats({
  period,
  all,
  identities,
  actorsHref,
  compared: { now, before },
}: {
  period: Period;
  all: Figures;
  identities: number;
  /** Where all of them are listed. */
  actorsHref: string;
  compared: Comparison;
}) {
  const against = againstOf(period);
  const change = (of: (figures: Figures) => number) => changeText(of(now), of(before), against);
  const tokens = ({ inputTokens, outputTokens }: Figures) => inputTokens + outputTokens;
  const usage = entriesHref({ kind: [...usageKinds] }, period);
  return (
    <section className="stats" aria-label="Figures of the period">
      <Stat
        label="Exchanges"
        value={thousands(all.interactions)}
        detail={change(({ interactions }) => interactions)}
        href={entriesHref({}, period)}
      />
      <Stat
        label="Errors"
        value={thousands(all.errors)}
        unit={all.interactions === 0 ? '' : shareOf(all.errors, all.interactions)}
        detail={change(({ errors }) => errors)}
        href={entriesHref({ status: ['error'] }, period)}
      />
      <Stat
        label="Identities active"
        value={thousands(identities)}
        detail={changeText(now.identities, before.identities, against)}
        href={actorsHref}
      />
      <Stat
        label="Tokens"
        value={shortCount(tokens(all))}
        title={`${thousands(all.inputTokens)} in, ${thousands(all.outputTokens)} out`}
        unit={`${shortCount(all.outputTokens)} out`}
        detail={change(tokens)}
        href={usage}
      />
      <Stat
        label="Cost of models"
        value={all.cost === null ? 'unknown' : amount(all.cost)}
        unit={all.cost === null ? '' : 'USD'}
        detail={costDetail(all, now, before, against)}
        href={usage}
      />
      <Stat
        label="Shadow activity"
        value={thousands(all.shadow)}
        unit={all.interactions === 0 ? '' : shareOf(all.shadow, all.interactions)}
        detail={change(({ shadow }) => shadow)}
        href={entriesHref({ identity: [unregistered] }, period)}
      />
    </section>
  );
}

/** A sum of what is known says how much that is. */
function costDetail(all: Figures, now: Figures, before: Figures, against: Against): string {
  if (all.usages === 0) return 'no model was asked';
  if (all.cost === null) return 'no call told its cost';
  const known = all.costed === all.usages ? '' : `, known of ${shareOf(all.costed, all.usages)}`;
  if (now.cost === null || before.cost === null) return `none known before${known}`;
  return `${changeText(now.cost, before.cost, against)}${known}`;
}

function Stat({
  label,
  value,
  unit = '',
  detail,
  title,
  href,
}: {
  label: string;
  value: string;
  unit?: string;
  detail: string;
  title?: string;
  href: string;
}) {
  return (
    <Link className="stat" href={href} prefetch={false} title={title}>
      <div className="l">{label}</div>
      <div className="v">
        {value} {unit === '' ? null : <small>{unit}</small>}
      </div>
      <div className="d">{detail}</div>
    </Link>
  );
}
