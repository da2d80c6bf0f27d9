import { BarFigure, type BarRow, type Legend } from '@/components/charts/bar-figure';
import { thousands } from '@/lib/inventory/labels';
import { scaleOf, shareOf, shortCount } from '@/lib/inventory/overview/compare';
import { entriesHref } from '@/lib/inventory/overview/links';
import { barUnits, type Period } from '@/lib/inventory/overview/period';
import { type Bar, type Figures, usageKinds } from '@/lib/inventory/overview/schema';
import { zoneWord } from '@/lib/inventory/time';
import type { InteractionKind } from '@/lib/telemetry/schema';

type Shape = Pick<Legend, 'key' | 'name' | 'fill'> & {
  kinds: InteractionKind[];
  of: (bar: Bar) => number;
};

const byKind = (kinds: InteractionKind[]) => (bar: Bar) =>
  kinds.reduce((sum, kind) => sum + (bar.byKind[kind] ?? 0), 0);
const shape = (
  key: string,
  name: string,
  fill: Legend['fill'],
  kinds: InteractionKind[],
): Shape => ({ key, name, fill, kinds, of: byKind(kinds) });

/** At most four categories and one for the rest. */
const kindShapes: readonly Shape[] = [
  shape('inference', 'Inference', '1', ['inference']),
  shape('tool', 'Tool call', '2', ['tool_call']),
  shape('retrieval', 'Retrieval and embedding', '3', ['retrieval', 'embedding', 'memory']),
  shape('agent', 'Agents and MCP', '4', ['agent_call', 'mcp']),
  shape('other', 'Transfers and processes', 'other', ['data_transfer', 'process']),
];

const tokenShapes: readonly Shape[] = [
  {
    key: 'input',
    name: 'In',
    fill: '1',
    kinds: [...usageKinds],
    of: ({ figures }) => figures.inputTokens,
  },
  {
    key: 'output',
    name: 'Out',
    fill: '2',
    kinds: [...usageKinds],
    of: ({ figures }) => figures.outputTokens,
  },
];

/** `zone` is the viewer's. */
type Drawn = { period: Period; bars: readonly Bar[]; zone: string };

/** `per hour`, `per 6 hours`, `per day`; what the chart's bars stand for. */
function barWords({ period, zone }: Omit<Drawn, 'bars'>): { note: string; unit: string } {
  const units = barUnits(period);
  const { grain } = period;
  return {
    note: units === 1 ? `per ${grain}` : `per ${units} ${grain}s`,
    unit: grain === 'day' ? `Day, ${period.zone}` : `Time, ${zoneWord(zone)}`,
  };
}

function figureOf(
  { period, bars, zone }: Drawn,
  shapes: readonly Shape[],
  entries: (kinds: InteractionKind[], range: { from: Date; to: Date | null }) => string,
) {
  const sums = bars.map((bar) => shapes.reduce((sum, { of }) => sum + of(bar), 0));
  const all = [...new Set(shapes.flatMap(({ kinds }) => kinds))];
  const series: Legend[] = shapes.map(({ key, name, fill, kinds, of }) => ({
    key,
    name,
    fill,
    total: thousands(bars.reduce((sum, bar) => sum + of(bar), 0)),
    href: entries(kinds, period),
  }));
  const rows: BarRow[] = bars.map((bar) => {
    const values = shapes.map(({ of }) => of(bar));
    const { label, title } = bar;
    return { label, title, href: entries(all, bar), values, words: values.map(thousands) };
  });
  const scale = scaleOf(Math.max(0, ...sums)).ticks.map((at) => ({ at, word: shortCount(at) }));
  return { series, rows, scale, ...barWords({ period, zone }) };
}

export const ExchangesChart = (drawn: Drawn) => (
  <BarFigure
    title="Exchanges"
    {...figureOf(drawn, kindShapes, (kind, range) => entriesHref({ kind }, range))}
    note={`${barWords(drawn).note}, by kind`}
  />
);

export const TokensChart = (drawn: Drawn) => (
  <BarFigure
    title="Tokens"
    {...figureOf(drawn, tokenShapes, (kind, range) => entriesHref({ kind }, range))}
  />
);

export function ErrorsChart({ all, ...drawn }: Drawn & { all: Figures }) {
  const shapes: Shape[] = [
    { key: 'errors', name: 'Errors', fill: '4', kinds: [], of: ({ figures }) => figures.errors },
  ];
  const figure = figureOf(drawn, shapes, (_, range) => entriesHref({ status: ['error'] }, range));
  return (
    <BarFigure
      title="Errors"
      {...figure}
      note={`${figure.note}, ${shareOf(all.errors, all.interactions)} of exchanges`}
    />
  );
}
