import Link from 'next/link';
import { Button } from '@/components/ui/button';
import { Disclosure } from '@/components/ui/disclosure';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import {
  type Filter,
  facets,
  presets,
  type Range,
  rangeOf,
  viewSearch,
} from '@/lib/inventory/address';
import { presetLabels } from '@/lib/inventory/labels';

const minute = (at: Date): string => at.toISOString().slice(0, 16);

/** When an interaction happened: a preset, or two times in UTC. */
export function TimeRange({ filter, range, now }: { filter: Filter; range: Range; now: Date }) {
  const { preset, from, to } = range;
  const label =
    preset === null
      ? `${minute(from).replace('T', ' ')} to ${to === null ? 'now' : minute(to).replace('T', ' ')}`
      : presetLabels[preset];
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
          {facets.flatMap((facet) =>
            filter[facet].map((value) => (
              <input key={`${facet}=${value}`} type="hidden" name={facet} value={value} />
            )),
          )}
          {(filter.text ?? []).map((text) => (
            <input key={text} type="hidden" name="text" value={text} />
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
