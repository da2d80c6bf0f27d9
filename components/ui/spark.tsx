/** Numbers as a line, beside what says them: decoration for who sees it. */
export function Spark({ values }: { values: readonly number[] }) {
  const peak = Math.max(1, ...values);
  const step = 100 / Math.max(1, values.length - 1);
  const path = values
    .map(
      (value, at) =>
        `${at === 0 ? 'M' : 'L'}${(at * step).toFixed(1)} ${(19 - (value / peak) * 17).toFixed(1)}`,
    )
    .join(' ');
  return (
    <svg className="spark" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
