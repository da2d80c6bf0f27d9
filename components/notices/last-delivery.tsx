import { State } from '@/components/ui/badge';
import { stateLabels } from '@/lib/delivery/labels';
import type { Webhook } from '@/lib/delivery/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** What became of what was last sent to a webhook. */
export function LastDelivery({ last, now }: { last: Webhook['last']; now: Date }) {
  if (last === null) return <p className="s12 t3">Nothing was sent to it yet.</p>;
  const { word, tone } = stateLabels[last.state];
  return (
    <p className="s12 t2 last-delivery">
      <State tone={tone}>{word}</State>
      <span title={utcTime(last.at)}>Last delivery, {relativeTime(last.at, now)}</span>
      {last.error === null ? null : <span>{last.error}</span>}
    </p>
  );
}
