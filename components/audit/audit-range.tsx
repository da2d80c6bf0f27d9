import { RangeMenu } from '@/components/ui/range-menu';
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
  const kept = [...new URLSearchParams(auditSearch({ filter, range }))].filter(
    ([name]) => name !== 'from' && name !== 'to',
  );
  return (
    <RangeMenu
      id="range"
      at={auditSearch({ filter, range })}
      label={labelOf(range, zone)}
      presets={auditPresets.map((name) => ({
        name,
        words: presetWords[name],
        href: auditHref({ filter, range: auditRangeOf(name, now) }),
      }))}
      range={range}
      action="/audit"
      kept={kept}
    />
  );
}

function labelOf({ preset, from, to }: AuditRange, zone: string): string {
  if (preset !== null) return presetWords[preset];
  if (from === null) return to === null ? presetWords.all : `Until ${minute(to)} UTC`;
  return rangeWords({ from, to }, zone);
}
