import Link from 'next/link';
import { Button } from '@/components/ui/button';
import { Disclosure } from '@/components/ui/disclosure';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import { type Filter, presets, type Range, rangeOf, viewSearch } from '@/lib/inventory/address';
import { presetLabels } from '@/lib/inventory/labels';
import { rangeWords } from '@/lib/inventory/time';

const minute = (at: Date): string => at.toISOString().slice(0, 16);

/** When an interaction happened: a preset, or two times in UTC. */
export function TimeRange({
  filter,
  range,
  now,
  zone,
}: {
  filter: Filter;
  range: Range;
  now: Date;
  /** The viewer's, which the label is in. */
  zone: string;
}) {
  const { preset, from, to } = range;
  const label = preset === null ? rangeWords({ from, to }, zone) : presetLabels[preset];
  const kept = [...new URLSearchParams(viewSearch({ filter, range }))].filter(
    ([name]) => name !== 'from' && name !== 'to',
  );
  return (
    // A new range is a new element, so that choosing one closes it.
    <Disclosure
      key={viewSearch({ filter, range })}
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
          {presets.map((name) => (
            <li key={name}>
              <Link
                className="opt plain"
                href={`/inventory${viewSearch({ filter, range: rangeOf(name, now) })}`}
                aria-current={name === preset ? 'true' : undefined}
                prefetch={false}
              >
                {presetLabels[name]}
                <span className="hint">{name}</span>
              </Link>
            </li>
          ))}
        </ul>
        <form action="/inventory" method="get" className="stack">
          {kept.map(([name, value]) => (
            <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
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
            defaultValue={to === null ? '' : minute(to)}
            help="Empty is now."
          />
          <Button type="submit">Apply</Button>
        </form>
      </div>
    </Disclosure>
  );
}
