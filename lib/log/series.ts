import { renderJson } from '@/lib/telemetry/render';
import type { Attributes, MetricPoint, Origin } from '@/lib/telemetry/schema';
import { HashInput } from './hash-input';

const SERIES_BYTES = 16;

const input = new HashInput();
const ofOrigin = new HashInput();

/** All points of one scope share their origin, so it is hashed once. */
const originDigests = new WeakMap<Origin, string>();

type Owner = {
  reporter: string;
  /** The identity, or what stands for nobody registered. */
  owner: string;
  /** Keys the hash, so that nobody who reads the table can check a guess of what a sender's attributes are. */
  key: string;
};

/**
 * To which series a data point belongs, so that what grew can be told from what it had grown to: 16 bytes of a
 * keyed SHA-256 over who sent it, of whom, the metric and all attributes, in whatever order they were sent.
 * Null for forms of which no sum can be taken.
 */
export function seriesOf(
  point: MetricPoint,
  origin: Origin,
  { reporter, owner, key }: Owner,
): Uint8Array | null {
  if (point.form === 'gauge' || point.form === 'summary') return null;
  input
    .reset()
    .text(key)
    .text(reporter)
    .text(owner)
    .text(digestOf(origin))
    .text(point.name)
    .text(point.unit)
    .text(`${point.form} ${point.temporality} ${point.isMonotonic}`);
  addSorted(input, point.attributes);
  return Buffer.from(input.digest().slice(0, SERIES_BYTES), 'latin1');
}

function digestOf(origin: Origin): string {
  let digest = originDigests.get(origin);
  if (digest === undefined) {
    ofOrigin.reset().text(origin.scopeName).text(origin.scopeVersion);
    addSorted(ofOrigin, origin.scope);
    addSorted(ofOrigin, origin.resource);
    digest = ofOrigin.digest();
    originDigests.set(origin, digest);
  }
  return digest;
}

function addSorted(to: HashInput, attributes: Attributes): void {
  const texts = attributes.map(([name, value]) => `${JSON.stringify(name)}:${renderJson(value)}`);
  to.number(texts.length);
  for (const text of texts.sort()) to.text(text);
}
