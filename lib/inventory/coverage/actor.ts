import { type Rhythm, rhythmOf } from './rhythm';

/** What kind of actor an identity is, by how its sessions start. `unknown`: too few of them to tell. */
export type Actor =
  | { kind: 'unknown' }
  | { kind: 'interactive'; userShare: number }
  | { kind: 'background' }
  | { kind: 'periodic'; rhythm: Rhythm };

/** From so many sessions with a person named in them on, people use it. */
const userShareMin = 0.05;
const sessionsMin = 3;

/** Whom an identity acts for: people, a schedule, or neither that can be seen. */
export function actorOf({
  starts,
  hours,
}: {
  starts: readonly { at: Date; hasUser: boolean }[];
  hours: readonly Date[];
}): Actor {
  const users = starts.filter(({ hasUser }) => hasUser).length;
  if (users > 0 && users / starts.length >= userShareMin)
    return { kind: 'interactive', userShare: users / starts.length };
  if (starts.length < sessionsMin) return { kind: 'unknown' };
  const rhythm = rhythmOf({ starts: starts.map(({ at }) => at), hours });
  return rhythm === null ? { kind: 'background' } : { kind: 'periodic', rhythm };
}
