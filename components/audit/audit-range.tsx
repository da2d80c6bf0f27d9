import Link from 'next/link';
import { Button } from '@/components/ui/button';
import { Disclosure } from '@/components/ui/disclosure';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import { rangeWords } from '@/lib/inventory/time';
import {
  type AuditFilter,
  type AuditPreset,
  type AuditRange,
  auditHref,
  auditPresets,
  auditRangeOf,
  auditSearch,
} from '@/lib/people/audit/address';

const presetWords: Record<AuditPreset, string> = {
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  all: 'Since the beginning',
};

const minute = (at: Date | null): string => at?.toISOString().slice(0, 16) ?? '';

/** When entries were written: a preset, or two times in UTC. */
export function AuditTimes({
  filter,
  range,
  now,
  zone,
}: {
  filter: AuditFilter;
  range: AuditRange;
  now: Date;
  zone: string;
}) {
  const { preset, from, to } = range;
  const kept = [...new URLSearchParams(auditSearch({ filter, range }))].filter(
    ([name]) => name !== 'from' && name !== 'to',
  );
  return (
    <Disclosure
      key={auditSearch({ filter, range })}
      className="range-menu"
      summary={
        <>
          <Icon name="clock" size={14} />
          {labelOf(range, zone)}
          <Icon name="down" size={12} />
        </>
      }
    >
      <div className="popover">
        <ul>
          {auditPresets.map((name) => (
            <li key={name}>
              <Link
                className="opt plain"
                href={auditHref({ filter, range: auditRangeOf(name, now) })}
                aria-current={name === preset ? 'true' : undefined}
                prefetch={false}
              >
                {presetWords[name]}
                <span className="hint">{name}</span>
              </Link>
            </li>
          ))}
        </ul>
        <form action="/audit" method="get" className="stack">
          {kept.map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <Field
            id="range-from"
            name="from"
            type="datetime-local"
            label="From, UTC"
            defaultValue={minute(from)}
            required
          />
          <Field
            id="range-to"
            name="to"
            type="datetime-local"
            label="To, UTC"
            defaultValue={minute(to)}
            help="Empty is now."
          />
          <Button type="submit">Apply</Button>
        </form>
      </div>
    </Disclosure>
  );
}

function labelOf({ preset, from, to }: AuditRange, zone: string): string {
  if (preset !== null) return presetWords[preset];
  if (from === null) return to === null ? presetWords.all : `Until ${minute(to)} UTC`;
  return rangeWords({ from, to }, zone);
}
