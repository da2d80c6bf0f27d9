import { RangeMenu } from '@/components/ui/range-menu';
import { type Filter, presets, type Range, rangeOf, viewSearch } from '@/lib/inventory/address';
import { presetLabels } from '@/lib/inventory/labels';
import { rangeWords } from '@/lib/inventory/time';

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
    <RangeMenu
      id="range"
      at={viewSearch({ filter, range })}
      label={label}
      presets={presets.map((name) => ({
        name,
        words: presetLabels[name],
        href: `/inventory${viewSearch({ filter, range: rangeOf(name, now) })}`,
      }))}
      range={range}
      action="/inventory"
      kept={kept}
    />
  );
}
