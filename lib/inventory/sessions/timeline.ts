/** When something happened, in milliseconds since the session began. Null where it has no duration. */
export type Timed = { atMs: number; tookMs: number | null };

/** Where a bar stands, in thousandths of the scale. */
export type Bar = { x: number; width: number };
/** A stretch in which nothing happened, drawn short. */
export type Gap = { x: number; width: number; fromMs: number; tookMs: number };
export type Tick = { x: number; atMs: number };
export type Timeline = { bars: Bar[]; gaps: Gap[]; ticks: Tick[]; lengthMs: number };

export const scaleWidth = 1000;
/** Thinner than this, a bar could not be seen. */
const barMin = 8;
const gapMinMs = 10 * 60_000;
/** All gaps together take at most this share, so that what happened keeps its room. */
const gapsShareMax = 0.3;
const gapShare = 0.04;
const tickCount = 4;
/** Less than a nanosecond: no length that could be scaled. */
const nothingMs = 1e-6;

type Stretch = { fromMs: number; toMs: number };

/** Scales a session onto one line. A silence of over ten minutes is drawn short and marked as a gap. */
export function layTimeline(entries: readonly Timed[]): Timeline {
  const stretches = busyStretches(entries);
  const first = stretches[0]?.fromMs ?? 0;
  const lengthMs = (stretches.at(-1)?.toMs ?? first) - first;
  const busyMs = stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const gapCount = Math.max(0, stretches.length - 1);
  const gapWidth = gapCount === 0 ? 0 : scaleWidth * Math.min(gapShare, gapsShareMax / gapCount);
  const room = scaleWidth - gapWidth * gapCount;
  /** Where each stretch begins on the scale; one without length still is somewhere. */
  const scale = busyMs < nothingMs ? 0 : room / busyMs;
  const starts: number[] = [];
  const gaps: Gap[] = [];
  let x = 0;
  stretches.forEach(({ fromMs, toMs }, index) => {
    starts.push(x);
    x += (toMs - fromMs) * scale;
    const next = stretches[index + 1];
    if (next === undefined) return;
    gaps.push({
      x: Math.min(x, scaleWidth - gapWidth),
      width: gapWidth,
      fromMs: toMs,
      tookMs: next.fromMs - toMs,
    });
    x += gapWidth;
  });
  const placeOf = (ms: number): number => {
    const index = lastAtOrBefore(stretches, ms);
    const place = (starts[index] ?? 0) + (ms - (stretches[index]?.fromMs ?? ms)) * scale;
    // Milliseconds of a far year have no fractions left, so what follows from them may lie beside the scale.
    return Math.min(scaleWidth, Math.max(0, place));
  };
  const bars = entries.map<Bar>(({ atMs, tookMs }) => {
    const from = placeOf(atMs);
    const width = Math.max(barMin, placeOf(atMs + Math.max(0, tookMs ?? 0)) - from);
    return { x: Math.min(from, scaleWidth - width), width };
  });
  const ticks =
    lengthMs === 0
      ? [{ x: 0, atMs: first }]
      : Array.from({ length: tickCount + 1 }, (_, index) => ({
          x: (scaleWidth / tickCount) * index,
          atMs: timeAt((scaleWidth / tickCount) * index, stretches, starts, gaps, scale),
        }));
  return { bars, gaps, ticks, lengthMs };
}

/** What happened without a silence of ten minutes in between, joined. */
function busyStretches(entries: readonly Timed[]): Stretch[] {
  const sorted = entries
    .map(({ atMs, tookMs }) => ({ fromMs: atMs, toMs: atMs + Math.max(0, tookMs ?? 0) }))
    .sort((a, b) => a.fromMs - b.fromMs);
  const stretches: Stretch[] = [];
  for (const { fromMs, toMs } of sorted) {
    const last = stretches.at(-1);
    if (last !== undefined && fromMs - last.toMs <= gapMinMs) last.toMs = Math.max(last.toMs, toMs);
    else stretches.push({ fromMs, toMs });
  }
  return stretches;
}

function lastAtOrBefore(stretches: readonly Stretch[], ms: number): number {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((stretches[middle]?.fromMs ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

function timeAt(
  x: number,
  stretches: readonly Stretch[],
  starts: readonly number[],
  gaps: readonly Gap[],
  scale: number,
): number {
  const gap = gaps.find((each) => x >= each.x && x <= each.x + each.width);
  if (gap !== undefined) return gap.fromMs + ((x - gap.x) / gap.width) * gap.tookMs;
  let index = 0;
  while (index + 1 < starts.length && (starts[index + 1] ?? 0) <= x) index += 1;
  const from = stretches[index]?.fromMs ?? 0;
  return scale === 0 ? from : from + (x - (starts[index] ?? 0)) / scale;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A time of a session of this length: `1.5 s` in a short one, else `4:07` or `1:04:07`. */
export function clockText(ms: number, lengthMs: number): string {
  if (lengthMs < 1000) return `${Math.round(ms)} ms`;
  if (lengthMs < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours === 0
    ? `${minutes}:${two(seconds % 60)}`
    : `${hours.toLocaleString('en-GB')}:${two(minutes)}:${two(seconds % 60)}`;
}
