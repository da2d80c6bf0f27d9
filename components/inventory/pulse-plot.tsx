'use client';

import Link from 'next/link';
import { thousands } from '@/lib/inventory/labels';

export type Bar = { interactions: number; href: string; title: string };

/**
 * For pointers; whoever reads or uses keys has the table. Drawn in one piece: what React streams into an SVG
 * bit by bit comes in elements with a style attribute, which the content security policy refuses.
 */
export function PulsePlot({ bars, peak }: { bars: readonly Bar[]; peak: number }) {
  const width = 960 / Math.max(1, bars.length);
  return (
    <svg className="pulse-plot" viewBox="0 0 960 100" preserveAspectRatio="none" aria-hidden>
      {bars.map(({ interactions, href, title }, index) => {
        const height = interactions === 0 ? 0 : Math.max(3, (interactions / peak) * 100);
        return (
          <Link key={href} href={href} tabIndex={-1} prefetch={false}>
            <title>{`${title}: ${thousands(interactions)}`}</title>
            <rect
              className="hit"
              x={(index * width).toFixed(2)}
              width={width.toFixed(2)}
              y="0"
              height="100"
            />
            <rect
              x={(index * width + width * 0.1).toFixed(2)}
              width={(width * 0.8).toFixed(2)}
              y={(100 - height).toFixed(2)}
              height={height.toFixed(2)}
            />
          </Link>
        );
      })}
    </svg>
  );
}
