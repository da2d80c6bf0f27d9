export type Figure = {
  name: string;
  value: number;
  unit: string;
  /** In words, such as `>= 15,000`; null when it is only told. */
  goal: string | null;
  met: boolean | null;
};
export type BenchResult = { name: string; figures: Figure[] };

/** A figure with a bound, or without one. */
export function figure(
  name: string,
  value: number,
  unit: string,
  bound?: { min?: number; max?: number },
): Figure {
  const rounded = Number(value.toPrecision(4));
  if (bound?.min !== undefined)
    return {
      name,
      value: rounded,
      unit,
      goal: `>= ${bound.min.toLocaleString('en')}`,
      met: value >= bound.min,
    };
  if (bound?.max !== undefined)
    return {
      name,
      value: rounded,
      unit,
      goal: `<= ${bound.max.toLocaleString('en')}`,
      met: value <= bound.max,
    };
  return { name, value: rounded, unit, goal: null, met: null };
}

export function tableOf({ name, figures }: BenchResult): string {
  const rows = figures.map(({ name: label, value, unit, goal, met }) => [
    label,
    value.toLocaleString('en', { maximumFractionDigits: 3 }),
    unit,
    goal ?? '',
    met === null ? '' : met ? 'met' : 'NOT MET',
  ]);
  const all = [['figure', 'value', 'unit', 'goal', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [`bench ${name}`, ...lines].join('\n');
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0;
}
