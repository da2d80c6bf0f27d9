/** `+6 %`, `-38 %`, `no change`, `12 times`; null where there was nothing before to compare with. */
export function changeOf(now: number, before: number): string | null {
  if (before === 0) return null;
  const ratio = now / before;
  if (ratio >= 10) return `${Math.round(ratio).toLocaleString('en-GB')} times`;
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return now === before ? 'no change' : 'about the same';
  return `${percent > 0 ? '+' : ''}${percent} %`;
}

/** What is compared: as much time before, of which only the hours or days that are over count where `done` says so. */
export type Against = { length: string; done: string | null };

/** The change in words: `+6 % vs previous 24 h`, `+6 %, finished hours vs before`. */
export function changeText(now: number, before: number, { length, done }: Against): string {
  const change = changeOf(now, before);
  if (change === null)
    return now === 0 ? `none, nor in the previous ${length}` : `none in the previous ${length}`;
  return done === null ? `${change} vs previous ${length}` : `${change}, ${done} vs before`;
}

/** `0.4 %`, `38 %`, `under 0.1 %`; of nothing it is nothing. */
export function shareOf(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const percent = (part / whole) * 100;
  if (percent < 0.1) return 'under 0.1 %';
  if (percent > 99 && part < whole)
    return percent > 99.9 ? 'over 99.9 %' : `${percent.toFixed(1)} %`;
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** The top of an axis that starts at zero, and what its lines stand for: round, and at most four of them. */
export function scaleOf(peak: number): { top: number; ticks: number[] } {
  const rough = Math.max(peak, 1) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    1,
    [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough && Number.isInteger(n)) ??
      Math.ceil(rough),
  );
  const lines = Math.ceil(Math.max(peak, 1) / step);
  return { top: lines * step, ticks: Array.from({ length: lines + 1 }, (_, n) => n * step) };
}

/** A count short enough for an axis: `950`, `1.5 k`, `20 k`, `3 M`. */
export function shortCount(n: number): string {
  const units = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const unit = units.find(([size]) => n >= size);
  if (unit === undefined) return String(n);
  return `${Number((n / unit[0]).toPrecision(3))} ${unit[1]}`;
}
