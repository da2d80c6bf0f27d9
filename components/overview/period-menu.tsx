import { RangeMenu } from '@/components/ui/range-menu';
import { type Period, periodLabels, periodSearch, periods } from '@/lib/inventory/overview/period';
import { rangeWords } from '@/lib/inventory/time';

/** Over which time: one of a few, or two times, entered in UTC and told in the viewer's zone. */
export function PeriodMenu({ period, zone }: { period: Period; zone: string }) {
  const { preset, from, to } = period;
  const label = preset === null ? rangeWords({ from, to }, zone) : periodLabels[preset].label;
  return (
    <RangeMenu
      id="period"
      at={periodSearch(period)}
      label={label}
      presets={periods.map((name) => ({
        name,
        words: periodLabels[name].label,
        href: `/overview?from=${name}`,
      }))}
      range={period}
      action="/overview"
      help="Empty is now. Widened to whole minutes, hours or, over 8 days, days."
    />
  );
}
