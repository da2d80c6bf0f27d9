import type { SentResource } from '../sending/attributes';
import type { PlannedItem } from '../sending/planned-item';
import { digestOf, Random } from '../sending/random';
import type { Actor, Model } from './organisation';
import { Releases } from './releases';
import { makeResource } from './resource';
import { dayOf, momentOf } from './rhythm';
import { Session, type SessionSetup } from './session';
import { type Scenario, type Start, usualDay } from './usual-day';

export type Simulation = {
  seed: number;
  /** Milliseconds; sessions begin from here on, and what ends later is not made. */
  fromMs: number;
  untilMs: number;
  timeZone: string;
  /** 1 is the whole organisation, about 230,000 interactions in 30 days. */
  scale: number;
};

/** How many characters of an id say by which seed it was made. */
const SEED_CHARACTERS = 8;

/** What every trace id begins with, and every id of a session that is told by log records ends with. */
export const seedMarkOf = (seed: number): string =>
  digestOf('simulate', seed).slice(0, SEED_CHARACTERS);

/**
 * What the organisation does: spans, log records and data points in the order in which they end. The same
 * simulation makes the same; one that ends later makes those and more, since each session follows from its day
 * and not from the first day. Holds only what has not ended yet.
 */
export function* generate(
  simulation: Simulation,
  scenarios: readonly Scenario[] = [],
): Generator<PlannedItem> {
  const { seed, timeZone, scale } = simulation;
  const fromUs = simulation.fromMs * 1000;
  const untilUs = simulation.untilMs * 1000;
  const world = worldOf(simulation);
  const pending = new EndingNext();
  const lastDay = dayOf(timeZone, simulation.untilMs);
  for (let day = dayOf(timeZone, simulation.fromMs); day <= lastDay; day += 1) {
    const starts = [usualDay, ...scenarios]
      .flatMap((scenario) => scenario({ seed, day, timeZone, scale }))
      .filter(({ atUs }) => atUs >= fromUs && atUs < untilUs)
      .sort((a, b) => a.atUs - b.atUs || (a.key < b.key ? -1 : 1));
    for (const start of starts) {
      yield* pending.takeUntil(start.atUs);
      for (const item of world.play(start)) pending.add(item);
    }
  }
  yield* pending.takeUntil(untilUs);
}

function worldOf({ seed, timeZone }: Simulation) {
  const seedMark = seedMarkOf(seed);
  const releases = new Releases(seed);
  const resources = new Map<string, SentResource>();
  const resourceOf = (actor: Actor, version: string) => {
    const key = `${actor.name} ${version}`;
    const known = resources.get(key) ?? makeResource(actor, version);
    resources.set(key, known);
    return known;
  };
  const troubles = new Map<string, { fromUs: number; toUs: number }>();
  /** Of some days each provider has an hour or so that is worse than others. */
  const failureChance = ({ provider }: Model, atUs: number) => {
    const day = dayOf(timeZone, atUs / 1000);
    const key = `${provider} ${day}`;
    const trouble =
      troubles.get(key) ?? makeTrouble(new Random(seed, 'trouble', key), timeZone, day);
    if (troubles.size > 100) troubles.clear();
    troubles.set(key, trouble);
    return atUs >= trouble.fromUs && atUs < trouble.toUs ? 0.16 : 0.006;
  };
  return {
    play({ atUs, key, actor, play }: Start): PlannedItem[] {
      const day = dayOf(timeZone, atUs / 1000);
      const minute = (atUs / 1000 - momentOf(timeZone, day, 0)) / 60_000;
      const setup: SessionSetup = {
        ...{ actor, startUs: atUs, seedMark, resourceOf, failureChance },
        random: new Random(seed, 'session', key),
        releaseOf: (who) => releases.releaseOf(who, day, minute),
      };
      const session = new Session(setup);
      play(session);
      return session.items;
    },
  };
}

function makeTrouble(random: Random, timeZone: string, day: number) {
  if (!random.chance(0.08)) return { fromUs: 0, toUs: 0 };
  const fromUs = momentOf(timeZone, day, random.int(8 * 60, 20 * 60)) * 1000;
  return { fromUs, toUs: fromUs + random.int(25, 70) * 60_000_000 };
}

const keyOf = (item: PlannedItem) => (item.signal === 'trace' ? item.span : item.key);
const isBefore = (a: PlannedItem, b: PlannedItem) =>
  a.endUs === b.endUs ? keyOf(a) < keyOf(b) : a.endUs < b.endUs;

/** A heap: what ends first comes out first. */
class EndingNext {
  private readonly heap: PlannedItem[] = [];

  add(item: PlannedItem): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above];
      if (other === undefined || !isBefore(item, other)) break;
      heap[at] = other;
      heap[above] = item;
      at = above;
    }
  }

  *takeUntil(us: number): Generator<PlannedItem> {
    for (let first = this.heap[0]; first && first.endUs <= us; first = this.heap[0]) {
      yield first;
      this.removeFirst();
    }
  }

  private removeFirst(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    heap[0] = last;
    for (;;) {
      const left = at * 2 + 1;
      const right = left + 1;
      let least = left;
      const a = heap[left];
      const b = heap[right];
      if (a === undefined) return;
      if (b !== undefined && isBefore(b, a)) least = right;
      const below = heap[least];
      if (below === undefined || !isBefore(below, last)) return;
      heap[at] = below;
      heap[least] = last;
      at = least;
    }
  }
}
