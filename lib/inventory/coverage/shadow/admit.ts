/** Of one reporter in one shard and hour of arrival; a sender can make up any number. */
export const namesPerHourMax = 100;

/** A name of a reporter in an hour. */
export type NameHour = { reporter: string; fingerprint: Buffer; hour: Date };
/** How many names of a reporter found room in an hour. */
export type Share = { reporter: string; hour: Date; names: number };

/**
 * Which of the names, given in the order of the log and none known before, find no room in their hour. What was
 * admitted in one hour is known in those that follow.
 */
export function crowdedOf(
  names: readonly NameHour[],
  taken: readonly Share[],
  max: number = namesPerHourMax,
): { crowded: NameHour[]; shares: Share[] } {
  const keyOf = ({ reporter, hour }: Pick<Share, 'reporter' | 'hour'>) =>
    `${reporter} ${hour.getTime()}`;
  const shares = new Map(taken.map((share) => [keyOf(share), share.names]));
  const changed = new Map<string, Share>();
  const known = new Set<string>();
  const crowded: NameHour[] = [];
  for (const name of names) {
    const id = `${name.reporter} ${name.fingerprint.toString('latin1')}`;
    if (known.has(id)) continue;
    const key = keyOf(name);
    const count = (shares.get(key) ?? 0) + 1;
    if (count > max) crowded.push(name);
    else {
      known.add(id);
      shares.set(key, count);
      changed.set(key, { reporter: name.reporter, hour: name.hour, names: count });
    }
  }
  return { crowded, shares: [...changed.values()] };
}
