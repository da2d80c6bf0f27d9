import { limits } from './limits';
import type { DropReason } from './schema';

/** Thrown and caught within decoding only; `detail` is a sentence without hostile text. Not an Error: hostile input must not buy stack traces. */
export class Fault {
  readonly reason: DropReason;
  readonly detail: string;

  constructor(reason: DropReason, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/** Counts what a span holds while it is decoded, and stops at the limits. */
export class Tally {
  attributes = 0;
  values = 0;
  events = 0;
  links = 0;
  /** Whether some text was not UTF-8, or held what PostgreSQL refuses. */
  hasInvalidText = false;

  /** Starts a span with what it inherits from its resource and scope. */
  startFrom(origin: Tally | null): void {
    this.attributes = origin?.attributes ?? 0;
    this.values = 0;
    this.events = 0;
    this.links = 0;
    this.hasInvalidText = origin?.hasInvalidText ?? false;
  }

  addAttribute(): void {
    this.attributes += 1;
    if (this.attributes > limits.spanAttributesMax)
      throw new Fault(
        'too_many_attributes',
        `More than ${limits.spanAttributesMax} attributes, those of resource, scope, events and links included.`,
      );
    this.addValue(1);
  }

  addValue(depth: number): void {
    this.values += 1;
    if (depth > limits.valueDepthMax)
      throw new Fault('too_deep', `A value is nested deeper than ${limits.valueDepthMax} levels.`);
    if (this.values > limits.spanValuesMax)
      throw new Fault('too_many_attributes', `More than ${limits.spanValuesMax} values.`);
  }

  addEvent(): void {
    this.events += 1;
    if (this.events > limits.spanEventsMax)
      throw new Fault('too_many_events', `More than ${limits.spanEventsMax} events.`);
    this.addValue(1);
  }

  addLink(): void {
    this.links += 1;
    if (this.links > limits.spanLinksMax)
      throw new Fault('too_many_events', `More than ${limits.spanLinksMax} links.`);
    this.addValue(1);
  }
}
