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

/** What `read` reads, or the Fault that it throws. */
export function attempt<Value>(read: () => Value): Value | Fault {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

/** Counts what an item holds while it is decoded, and stops at the limits. */
export class Tally {
  attributes = 0;
  values = 0;
  events = 0;
  links = 0;
  /** Whether some text was not UTF-8, or held what PostgreSQL refuses. */
  hasInvalidText = false;

  /** Starts an item with what it inherits from its resource and scope. */
  startFrom(origin: Tally | null): void {
    this.attributes = origin?.attributes ?? 0;
    this.values = 0;
    this.events = 0;
    this.links = 0;
    this.hasInvalidText = origin?.hasInvalidText ?? false;
  }

  addAttribute(): void {
    this.attributes += 1;
    if (this.attributes > limits.attributesMax)
      throw new Fault(
        'too_many_attributes',
        `More than ${limits.attributesMax} attributes, those of resource, scope, events and links included.`,
      );
    this.addValue(1);
  }

  addValue(depth: number): void {
    this.values += 1;
    if (depth > limits.valueDepthMax)
      throw new Fault('too_deep', `A value is nested deeper than ${limits.valueDepthMax} levels.`);
    if (this.values > limits.valuesMax)
      throw new Fault('too_many_attributes', `More than ${limits.valuesMax} values.`);
  }

  addEvent(): void {
    this.events += 1;
    if (this.events > limits.eventsMax)
      throw new Fault('too_many_events', `More than ${limits.eventsMax} events.`);
    this.addValue(1);
  }

  addLink(): void {
    this.links += 1;
    if (this.links > limits.linksMax)
      throw new Fault('too_many_events', `More than ${limits.linksMax} links.`);
    this.addValue(1);
  }
}
