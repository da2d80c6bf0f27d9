import type { SentAttributes } from '../../sending/attributes';
import { type PlannedPoint, temporalities } from '../../sending/planned-point';
import { digestOf, Random } from '../../sending/random';
import type { Session } from '../session';
import { staffAddress } from '../words';

const exportsEveryUs = 300_000_000;
/** So many people write programs there. */
const developersMax = 24;

/** Who sits at a terminal, and whether they let what they say be told. */
export type Developer = {
  email: string;
  accountId: string;
  deviceId: string;
  tellsPrompts: boolean;
};

type Counter = { metric: string; unit: string; attributes: SentAttributes; value: number };

/**
 * One session of a coding agent in a developer's terminal. Coding agents send no spans unless they are told to:
 * what happens is a log record each, and what is counted are data points every five minutes.
 */
export class Terminal {
  readonly session: Session;
  readonly id: string;
  readonly developer: Developer;
  private readonly scopes: { log: string; metric: string };
  private readonly temporality: PlannedPoint['temporality'];
  private sequence = 0;
  private readonly beganUs: number;
  private exportedUs: number;
  private readonly counters = new Map<string, Counter>();

  constructor(
    session: Session,
    scopes: { log: string; metric: string },
    temporality: keyof typeof temporalities,
  ) {
    this.session = session;
    this.scopes = scopes;
    this.temporality = temporalities[temporality];
    this.id = uuidOf(session.random.hex(32 - session.seedMark.length) + session.seedMark);
    this.developer = developerOf(session.random.int(1, developersMax));
    this.beganUs = session.nowUs;
    this.exportedUs = session.nowUs;
  }

  /** The moment as records write it down. */
  get timestamp(): string {
    return new Date(this.session.nowUs / 1000).toISOString();
  }

  /** Which record of the session comes next. */
  get nextInSequence(): number {
    return this.sequence;
  }

  /** A log record, told now. */
  log(
    attributes: SentAttributes,
    {
      eventName = '',
      body = null,
      severity = 0,
    }: { eventName?: string; body?: string | null; severity?: number },
  ): void {
    const { session } = this;
    session.wait(0.000_05);
    session.items.push({
      ...{ signal: 'log', key: this.keyOf('log', this.sequence), endUs: session.nowUs },
      ...{ eventName, body, severity, attributes, scope: this.scopes.log },
      ...{ resource: session.resource, reporter: session.actor.reporter },
    });
    this.sequence += 1;
    if (session.nowUs - this.exportedUs > exportsEveryUs) this.export();
  }

  /** Counts, and tells of it at the next export. */
  count(metric: string, unit: string, value: number, attributes: SentAttributes = {}): void {
    if (value === 0) return;
    const series = `${metric} ${JSON.stringify(attributes)}`;
    const counter = this.counters.get(series) ?? { metric, unit, attributes, value: 0 };
    // Ten digits, so that sums of doubles look the same everywhere.
    counter.value = Number((counter.value + value).toFixed(10));
    this.counters.set(series, counter);
  }

  /** Data points of all that was counted: since the last export, or since the beginning, as each CLI has it. */
  export(): void {
    const { session, temporality } = this;
    const startUs = temporality === temporalities.delta ? this.exportedUs : this.beganUs;
    // One microsecond after the other, so that no two end at once and a send that stops can go on between them.
    for (const [nth, { metric, unit, attributes, value }] of [...this.counters.values()].entries())
      session.items.push({
        ...{ signal: 'metric', key: this.keyOf('metric', this.sequence * 100 + nth) },
        ...{ startUs, endUs: session.nowUs + nth, metric, unit, temporality, value, attributes },
        ...{
          scope: this.scopes.metric,
          resource: session.resource,
          reporter: session.actor.reporter,
        },
      });
    this.exportedUs = session.nowUs;
    if (temporality === temporalities.delta) this.counters.clear();
  }

  uuid(): string {
    return uuidOf(this.session.random.hex(32));
  }

  private keyOf(signal: string, nth: number): string {
    return `${this.id} ${signal} ${String(nth).padStart(8, '0')}`;
  }
}

/** A random one, as far as its version and variant say. */
function uuidOf(hex: string): string {
  const [a, b, c, d, e] = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20),
  ];
  return `${a}-${b}-${c}-${d}-${e}`;
}

/** The same person in every session and with every seed. */
function developerOf(number: number): Developer {
  const random = new Random('developer', number);
  const email = staffAddress(random);
  return {
    email,
    accountId: uuidOf(digestOf('account', number).slice(0, 32)),
    deviceId: digestOf('device', number),
    tellsPrompts: random.chance(0.4),
  };
}
