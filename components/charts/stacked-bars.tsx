'use client';

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, XAxis, YAxis } from 'recharts';

export type Series = {
  key: string;
  name: string;
  /** Which of the chart's fills: `1` to `4`, or `other`. */
  fill: '1' | '2' | '3' | '4' | 'other';
};

/** Only the bars and the lines behind them. What is read stands around it, as HTML. */
export function StackedBars({
  rows,
  series,
  top,
  ticks,
  open,
}: {
  rows: readonly Record<string, number | string>[];
  series: readonly Series[];
  top: number;
  ticks: readonly number[];
  open: (row: number) => void;
}) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart
        data={[...rows]}
        margin={{ top: 0, right: 0, bottom: 0, left: 0 }}
        barCategoryGap="8%"
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="key" hide />
        <YAxis hide width={0} domain={[0, top]} ticks={[...ticks]} />
        {series.map(({ key, fill }) => (
          <Bar
            key={key}
            dataKey={key}
            stackId="all"
            className="clickable"
            fill={`var(--cat-${fill})`}
            stroke="var(--surface)"
            strokeWidth={1}
            isAnimationActive={false}
            onClick={(_, row) => open(row)}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
