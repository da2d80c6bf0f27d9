import { Random } from '../sending/random';
import { archetypes } from './archetypes';
import { type Actor, actors } from './organisation';
import { minuteOf, momentOf, rhythms, weekdayOf } from './rhythm';
import type { Session } from './session';

/** A session that begins at some moment. Its key tells it apart from all others and seeds it. */
export type Start = {
  atUs: number;
  key: string;
  actor: Actor;
  play: (session: Session) => void;
};

export type Day = {
  seed: number;
  /** Its number since 1970, as people there count. */
  day: number;
  timeZone: string;
  scale: number;
};

/** Adds sessions to a day. What happens anyway is one of these; an incident would be another. */
export type Scenario = (day: Day) => Start[];

/** What everybody does on a day when nothing is the matter. */
export const usualDay: Scenario = (day) => actors.flatMap((actor) => startsOf(day, actor));

function startsOf({ seed, day, timeZone, scale }: Day, actor: Actor): Start[] {
  const random = new Random(seed, 'day', day, actor.name);
  return minutesOf(actor, weekdayOf(day), scale, random).map((minute, nth) => ({
    atUs: Math.round(momentOf(timeZone, day, minute) * 1000) + random.int(0, 999_999),
    key: `${day} ${actor.name} ${nth}`,
    actor,
    play: archetypes[actor.archetype],
  }));
}

function minutesOf({ frequency }: Actor, weekday: number, scale: number, random: Random): number[] {
  if (frequency === null) return [];
  if ('perDay' in frequency) {
    const rhythm = rhythms[frequency.rhythm];
    const mean = frequency.perDay * (rhythm.weekdays[weekday] ?? 1) * scale;
    const count = random.poisson(random.logNormal(mean, 0.1));
    return Array.from({ length: count }, () => minuteOf(rhythm, random.next()));
  }
  if ('everyMinutes' in frequency) {
    // A smaller organisation runs the same things less often, and as regularly.
    let every = frequency.everyMinutes * Math.max(1, Math.round(1 / scale));
    while (every < 1440 && 1440 % every !== 0) every += 1;
    return Array.from(
      { length: Math.ceil(1440 / every) },
      (_, nth) => nth * every + random.between(0, 0.15),
    );
  }
  if (!frequency.isDaily && weekday > 4) return [];
  const [hours = 0, minutes = 0] = frequency.at.split(':').map(Number);
  return [hours * 60 + minutes + random.between(0, 0.5)];
}
