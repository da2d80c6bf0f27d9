/**
 * What one request and one span may hold. Past a span's limit that span alone is refused; past a
 * request's, the request, since a body of a few megabytes can otherwise become gigabytes of objects.
 */
export const limits = {
  requestSpansMax: 16_384,
  /** Attributes, events, links, and the elements of arrays and maps, of all spans together. */
  requestValuesMax: 2_097_152,
  spanBytesMax: 4 * 1024 * 1024,
  /** All spans with their resource and scope repeated, as `raw` of each would hold them. */
  requestRawBytesMax: 96 * 1024 * 1024,
  /** A resource, or a scope: they are repeated in the raw form of each of their spans. */
  originBytesMax: 64 * 1024,
  /** Those of the resource, the scope, the events and the links included. */
  spanAttributesMax: 2_048,
  spanEventsMax: 1_024,
  spanLinksMax: 1_024,
  spanValuesMax: 65_536,
  /** An attribute's own value is at depth 1. */
  valueDepthMax: 32,
} as const;
