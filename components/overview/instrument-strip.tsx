import Link from 'next/link';
import { State } from '@/components/ui/badge';
import { KeyValue } from '@/components/ui/key-value';
import type { Instrument } from '@/lib/inventory/health/schema';
import { countText } from '@/lib/inventory/labels';
import { duration } from '@/lib/inventory/time';

/** Whether the figures beside it can be believed. */
export function InstrumentStrip({ instrument }: { instrument: Instrument }) {
  const { ingest, projections, lagMs, quarantined } = instrument;
  return (
    <section className="sec" aria-labelledby="instrument">
      <div className="sec-head">
        <h2 id="instrument">Is the instrument healthy</h2>
        <Link className="more" href="/health" prefetch={false}>
          Health
        </Link>
      </div>
      <KeyValue
        lined
        rows={[
          [
            'Ingest',
            <State key="ingest" tone={ingest.tone} title={ingest.sentence}>
              {ingest.word}
            </State>,
          ],
          [
            'Projections',
            <State key="projections" tone={projections.tone} title={projections.sentence}>
              {projections.word}
            </State>,
          ],
          ['Behind the log', lagMs === null ? 'unknown' : duration(lagMs)],
          [
            'Quarantined',
            <Link key="quarantined" href="/health/quarantine" prefetch={false}>
              {countText(quarantined)} {quarantined.count === 1 ? 'item' : 'items'}
            </Link>,
          ],
        ]}
      />
    </section>
  );
}
