import { aliasTable, resourceAliases } from './aliases';
import { type Claims, type Reading, readAttributes } from './claims';
import { signsOfScope } from './dialects/signs';
import { remainsOfOrigin } from './remains';
import type { Origin } from './schema';

export type SharedReading = {
  reading: Reading;
  /** What its scope tells of the dialect. */
  signs: number;
  /** What of resource and scope one span's claims leave. */
  remains(claims: Claims): string;
};

const table = aliasTable(resourceAliases);

/** All spans of one batch share their origin, so it is read and rendered once. */
const known = new WeakMap<Origin, SharedReading>();

export function readOrigin(origin: Origin): SharedReading {
  const before = known.get(origin);
  if (before !== undefined) return before;
  const reading = readAttributes(origin.resource, table);
  let last: { taken: readonly boolean[]; text: string } | undefined;
  const shared: SharedReading = {
    reading,
    signs: signsOfScope(origin.scopeName),
    remains: ({ takenFromResource }) => {
      if (last === undefined || !isSame(last.taken, takenFromResource))
        last = {
          taken: takenFromResource,
          text: remainsOfOrigin(origin, takenFromResource, reading.repeated),
        };
      return last.text;
    },
  };
  known.set(origin, shared);
  return shared;
}

const isSame = (a: readonly boolean[], b: readonly boolean[]) =>
  a.every((isTaken, at) => isTaken === b[at]);
