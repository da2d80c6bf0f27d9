import { Icon } from '@/components/ui/icon';
import { kindLabels, thousands } from '@/lib/inventory/labels';
import { flagLabels } from '@/lib/inventory/sessions/labels';
import type { ShownEntry } from '@/lib/inventory/sessions/schema';
import {
  type Bar,
  clockText,
  type Gap,
  scaleWidth,
  type Timeline,
} from '@/lib/inventory/sessions/timeline';
import { duration } from '@/lib/inventory/time';
import { Redactions, Visible } from '../inventory/visible';

/** What an entry is called, what failed and what is odd about it. */
export function EntryName({ entry }: { entry: ShownEntry }) {
  const { word, icon } = kindLabels[entry.kind];
  return (
    <Redactions redacted={entry.redacted}>
      <Icon name={icon} size={14} />
      <span className="vh">{word}</span>
      <span className="trunc mono">
        <Visible text={entry.what} oneLine />
      </span>
      <span className="flags">
        {entry.status === 'error' ? <span className="tone-critical">error</span> : null}
        {entry.flags.map((flag) => (
          <span key={flag} className="tone-review" title={flagLabels[flag].sentence}>
            {flagLabels[flag].word}
          </span>
        ))}
      </span>
    </Redactions>
  );
}

export const tookOf = ({ tookMs }: ShownEntry): string => (tookMs === null ? '' : duration(tookMs));
export const tokensOf = (tokens: number | null): string =>
  tokens === null || tokens === 0 ? '' : thousands(tokens);

const actions = new Set(['tool_call', 'mcp', 'retrieval', 'memory', 'agent_call', 'data_transfer']);

function barClass({ status, kind }: ShownEntry): string {
  if (status === 'error') return 'bar-error';
  if (kind === 'inference' || kind === 'embedding') return 'bar-inference';
  return actions.has(kind) ? 'bar-action' : 'bar-other';
}

const bars = [
  ['bar-inference', 'Inference and embedding'],
  ['bar-action', 'Tools, agents and data'],
  ['bar-other', 'Steps and other'],
  ['bar-error', 'Error'],
  ['bar-early', 'Before its parent'],
] as const;

/** What the colours of the bars stand for. */
export const BarKey = () => (
  <p className="walk-foot bar-key s11">
    {bars.map(([name, words]) => (
      <span key={name}>
        <svg className="walk-bar" viewBox="0 0 12 12" aria-hidden="true">
          <rect className={name} x="1" y="1" width="10" height="10" />
        </svg>
        {words}
      </span>
    ))}
  </p>
);

/** When it happened, on the session's scale; `entry` is null for groups. */
export function TimeBar({
  entry,
  bar,
  gaps,
}: {
  entry: ShownEntry | null;
  bar: Bar | undefined;
  gaps: readonly Gap[];
}) {
  return (
    <svg
      className="walk-bar"
      viewBox={`0 0 ${scaleWidth} 28`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {[0.25, 0.5, 0.75].map((part) => (
        <line key={part} x1={scaleWidth * part} x2={scaleWidth * part} y1="0" y2="28" />
      ))}
      {gaps.map(({ x, width }) => (
        <g key={x}>
          <rect className="gap" x={x.toFixed(1)} width={width.toFixed(1)} y="0" height="28" />
          <line className="gap-edge" x1={x.toFixed(1)} x2={x.toFixed(1)} y1="0" y2="28" />
        </g>
      ))}
      {entry === null || bar === undefined ? null : (
        <>
          <rect
            className={barClass(entry)}
            x={bar.x.toFixed(1)}
            width={bar.width.toFixed(1)}
            y="9"
            height="10"
            rx="2"
          />
          {entry.flags.includes('early') ? (
            <rect
              className="bar-early"
              x={bar.x.toFixed(1)}
              width={bar.width.toFixed(1)}
              y="6"
              height="16"
            />
          ) : null}
        </>
      )}
    </svg>
  );
}

/** The scale above the bars, from the session's start. */
export function Scale({ timeline: { ticks, lengthMs } }: { timeline: Timeline }) {
  return (
    <span className="walk-scale" aria-hidden="true">
      {ticks.map(({ x, atMs }) => (
        <span key={x}>{clockText(atMs, lengthMs)}</span>
      ))}
    </span>
  );
}
