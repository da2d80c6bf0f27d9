import { digestOf, Random } from '../sending/random';
import { type Actor, models } from './organisation';
import { dayMs, weekdayOf, weekOf } from './rhythm';
import type { Release } from './session';

/** The first week that releases are counted from: that of the first of January 2026. */
const firstWeek = weekOf(Date.UTC(2026, 0, 1) / dayMs);
const releaseChance = 0.35;
const releasesPerModel = 3;

/** Which version of each actor runs when: released in some weeks, Tuesday to Thursday, by day. */
export class Releases {
  private readonly seed: number;
  /** By actor and week: how many weeks up to it had a release, and which was the last. */
  private readonly known = new Map<string, { count: number; last: number }>();

  constructor(seed: number) {
    this.seed = seed;
  }

  releaseOf(actor: Actor, day: number, minute: number): Release {
    const week = weekOf(day);
    const isOut = weekdayOf(day) * 1440 + minute >= this.momentIn(actor, week);
    const { count, last } = this.upTo(actor, isOut ? week : week - 1);
    const major = 1 + (Number.parseInt(digestOf('major', actor.name).slice(0, 4), 16) % 4);
    const name = actor.models[Math.floor(count / releasesPerModel) % actor.models.length];
    return {
      version: `${major}.${count}.0`,
      model: name === undefined ? null : models[name],
      week: last,
    };
  }

  private upTo(actor: Actor, week: number): { count: number; last: number } {
    if (week < firstWeek) return { count: 0, last: firstWeek };
    const key = `${actor.name} ${week}`;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const { count, last } = this.upTo(actor, week - 1);
    const isReleased = Number.isFinite(this.momentIn(actor, week));
    const now = isReleased ? { count: count + 1, last: week } : { count, last };
    this.known.set(key, now);
    return now;
  }

  /** Minutes into the week at which it is released; infinite in a week without. */
  private momentIn(actor: Actor, week: number): number {
    const random = new Random(this.seed, 'release', actor.name, week);
    if (!random.chance(releaseChance)) return Number.POSITIVE_INFINITY;
    return random.int(1, 3) * 1440 + random.int(9 * 60, 16 * 60);
  }
}
