/**
 * What one request and one item, a span, log record or data point, may hold. Past an item's limit that item
 * alone is refused; past a request's, the request, since a body of a few megabytes can otherwise become
 * gigabytes of objects.
 */
export const limits = {
  requestItemsMax: 16_384,
  /** Attributes, events, links, and the elements of arrays and maps, of all items together. */
  requestValuesMax: 2_097_152,
  itemBytesMax: 4 * 1024 * 1024,
  /** All items with their resource and scope repeated, as `raw` of each would hold them. */
  requestRawBytesMax: 96 * 1024 * 1024,
  /** A resource, a scope, or a metric around its points: they are repeated in the raw form of each item. */
  originBytesMax: 64 * 1024,
  /** Those of the resource, the scope, the events and the links included. */
  attributesMax: 2_048,
  eventsMax: 1_024,
  linksMax: 1_024,
  valuesMax: 65_536,
  /** An attribute's own value is at depth 1. */
  valueDepthMax: 32,
} as const;
