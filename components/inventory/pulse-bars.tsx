import type { Pulse } from '@/lib/inventory/counts/queries';
import { countText, thousands } from '@/lib/inventory/labels';
import type { Count } from '@/lib/inventory/schema';
import { duration } from '@/lib/inventory/time';

/** How many match, and when. Bars only where they can be exact; a total that is null was too much to count. */
export function PulseBars({ pulse, total }: { pulse: Pulse | null; total: Count | null }) {
  const peak = Math.max(1, ...(pulse?.bars.map(({ interactions }) => interactions) ?? []));
  const width = 960 / Math.max(1, pulse?.bars.length ?? 1);
  return (
    <div className="pulse">
      <div className="s11 t3">
        {total === null ? 'Uncounted' : countText(total)}
        <br />
        match
      </div>
      {pulse === null ? (
        <p className="s11 t3">
          Bars of other terms than identity, kind and status are drawn for 10,000 matches at most.
        </p>
      ) : (
        <svg
          className="pulse-plot"
          viewBox="0 0 960 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={`Interactions over the time range, at most ${thousands(peak)} in ${duration(pulse.stepMinutes * 60_000)}`}
        >
          {pulse.bars.map(({ at, interactions }, index) => {
            const height = (interactions / peak) * 100;
            return interactions === 0 ? null : (
              <rect
                key={at.toISOString()}
                x={(index * width + width * 0.1).toFixed(2)}
                width={(width * 0.8).toFixed(2)}
                y={(100 - Math.max(3, height)).toFixed(2)}
                height={Math.max(3, height).toFixed(2)}
              />
            );
          })}
        </svg>
      )}
      <div className="s11 t3 num">
        {pulse === null ? null : (
          <>
            {thousands(peak)} at most
            <br />
            {duration(pulse.stepMinutes * 60_000)} a bar
          </>
        )}
      </div>
    </div>
  );
}
