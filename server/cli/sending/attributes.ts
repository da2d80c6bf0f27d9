type Value = string | number | boolean | readonly string[];

/** What a program says of something; null is left out. */
export type SentAttributes = Readonly<Record<string, Value | null>>;

/** What everything that one program sends shares. */
export type SentResource = Readonly<Record<string, string>>;

/** Roughly their length in a request, without rendering them. */
export function sizeOfAttributes(attributes: SentAttributes): number {
  let size = 0;
  for (const value of Object.values(attributes))
    size += 60 + (typeof value === 'string' ? value.length : 20);
  return size;
}

/** KeyValues in OTLP's JSON. */
export const renderAttributes = (attributes: SentAttributes) =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: renderValue(value) }],
  );

function renderValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(renderValue) } };
}

/** In the order given, those of one resource together. */
export function byResource<Item extends { resource: SentResource }>(
  items: readonly Item[],
): Map<SentResource, Item[]> {
  const groups = new Map<SentResource, Item[]>();
  for (const item of items) {
    const known = groups.get(item.resource);
    if (known === undefined) groups.set(item.resource, [item]);
    else known.push(item);
  }
  return groups;
}
