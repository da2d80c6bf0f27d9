import Link from 'next/link';
import { Button } from '@/components/ui/button';
import { Disclosure } from '@/components/ui/disclosure';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import { type Period, periodLabels, periodSearch, periods } from '@/lib/inventory/overview/period';
import { rangeWords } from '@/lib/inventory/time';

const minute = (at: Date): string => at.toISOString().slice(0, 16);

/** Over which time: one of a few, or two times, entered in UTC and told in the viewer's zone. */
export function PeriodMenu({ period, zone }: { period: Period; zone: string }) {
  const { preset, from, to } = period;
  const label = preset === null ? rangeWords({ from, to }, zone) : periodLabels[preset].label;
  return (
    // A new period is a new element, so that choosing one closes it.
    <Disclosure
      key={periodSearch(period)}
      className="range-menu"
      summary={
        <>
          <Icon name="clock" size={14} />
          {label}
          <Icon name="down" size={12} />
        </>
      }
    >
      <div className="popover">
        <ul>
          {periods.map((name) => (
            <li key={name}>
              <Link
                className="opt plain"
                href={`/overview?from=${name}`}
                aria-current={name === preset ? 'true' : undefined}
                prefetch={false}
              >
                {periodLabels[name].label}
                <span className="hint">{name}</span>
              </Link>
            </li>
          ))}
        </ul>
        <form action="/overview" method="get" className="stack">
          <Field
            id="period-from"
            name="from"
            type="datetime-local"
            label="From, UTC"
            defaultValue={minute(from)}
            required
          />
          <Field
            id="period-to"
            name="to"
            type="datetime-local"
            label="To, UTC"
            defaultValue={to === null ? '' : minute(to)}
            help="Empty is now. Widened to whole minutes, hours or, over 8 days, days."
          />
          <Button type="submit">Apply</Button>
        </form>
      </div>
    </Disclosure>
  );
}
