import Link from 'next/link';
import { Button } from './button';
import { Disclosure } from './disclosure';
import { Field } from './field';
import { Icon } from './icon';

const minute = (at: Date | null): string => at?.toISOString().slice(0, 16) ?? '';

/** Over which time a page tells: one of a few ranges, or two times, entered in UTC. */
export function RangeMenu<Preset extends string>({
  id,
  at,
  label,
  presets,
  range: { preset, from, to },
  action,
  kept = [],
  help = 'Empty is now.',
}: {
  id: string;
  /** The address that this is part of: a new one is a new element, so that choosing a range closes it. */
  at: string;
  label: string;
  presets: readonly { name: Preset; words: string; href: string }[];
  range: { preset: Preset | null; from: Date | null; to: Date | null };
  action: string;
  /** What else the address says. */
  kept?: readonly (readonly [name: string, value: string])[];
  help?: string;
}) {
  return (
    <Disclosure
      key={at}
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
          {presets.map(({ name, words, href }) => (
            <li key={name}>
              <Link
                className="opt plain"
                href={href}
                aria-current={name === preset ? 'true' : undefined}
                prefetch={false}
              >
                {words}
                <span className="hint">{name}</span>
              </Link>
            </li>
          ))}
        </ul>
        <form action={action} method="get" className="stack">
          {kept.map(([name, value]) => (
            <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
          ))}
          <Field
            id={`${id}-from`}
            name="from"
            type="datetime-local"
            label="From, UTC"
            defaultValue={minute(from)}
            required
          />
          <Field
            id={`${id}-to`}
            name="to"
            type="datetime-local"
            label="To, UTC"
            defaultValue={minute(to)}
            help={help}
          />
          <Button type="submit">Apply</Button>
        </form>
      </div>
    </Disclosure>
  );
}
