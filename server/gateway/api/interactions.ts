import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import { type Cursor, emptyFilter, facetFields } from '@/lib/inventory/address';
import { parseEntryId } from '@/lib/inventory/entry-id';
import {
  getInteraction,
  listInteractions,
  pageSize,
  resolveIdentities,
} from '@/lib/inventory/queries';
import { ErasedEntry, InteractionDetail, InteractionRow } from '@/lib/inventory/schema';
import type { EntryPlace } from '@/lib/log/schema';
import { none, repeated, route } from './route';

const dayMs = 86_400_000;

const EntryId = z.string().max(64);
const Time = z.iso.datetime({ offset: true, error: 'Write a time as 2026-11-30T08:00:00Z' });

export const interactionList = route({
  path: '/interactions',
  id: 'listInteractions',
  summary: `Facts of interactions, newest arrival first, ${pageSize} a page; never content`,
  needs: 'log:read',
  params: none,
  query: z.strictObject({
    identity: repeated(facetFields.identity).describe(
      'Names or ids of registered identities, or `unregistered`',
    ),
    kind: repeated(facetFields.kind),
    status: repeated(facetFields.status),
    from: Time.optional().describe(
      'When it happened, at the earliest; a day before `to` if left out',
    ),
    to: Time.optional().describe('When it happened, before this; up to now if left out'),
    before: EntryId.optional().describe('`older` of the page before: goes back in time'),
    after: EntryId.optional().describe('`newer` of the page before: goes on in time'),
  }),
  answer: z.object({
    interactions: z.array(InteractionRow),
    older: z.string().nullable().describe('For `before`; null where nothing older matches'),
    newer: z.string().nullable().describe('For `after`, once more has arrived'),
  }),
  async handle({ scope, db, now }, { identity, kind, status, from, to, before, after }) {
    const cursor = cursorOf(before, after);
    const range = rangeOf(from, to, now);
    const asked = { ...emptyFilter(), identity, kind, status };
    const { filter, problems } = await resolveIdentities(scope, asked, db);
    if (problems.length > 0) throw new AppError('invalid_input', problems.join(' '));
    const page = await listInteractions(scope, { filter, range, cursor }, db);
    if (page.isTooMuch)
      throw new AppError(
        'too_large',
        'Too much would have to be read to answer this. Ask for less time, or for fewer kinds and identities.',
      );
    const { rows } = page;
    return {
      interactions: rows,
      older: page.hasOlder ? (rows.at(-1)?.id ?? before ?? null) : null,
      newer: rows[0]?.id ?? after ?? null,
    };
  },
});

export const interactionById = route({
  path: '/interactions/{id}',
  id: 'getInteraction',
  summary:
    'All facts of one interaction, with size and digest of its content; or what is left of it',
  needs: 'log:read',
  params: z.strictObject({ id: EntryId }),
  query: none,
  answer: z.discriminatedUnion('state', [
    z.object({ state: z.literal('kept'), interaction: InteractionDetail }),
    z.object({ state: z.literal('gone'), entry: ErasedEntry }),
  ]),
  async handle({ scope, db }, { id }) {
    const opened = await getInteraction(scope, placeOf(id), db);
    if (opened.state === 'missing')
      throw new AppError('not_found', 'There is no interaction under this id.');
    return opened;
  },
});

function placeOf(id: string): EntryPlace {
  const place = parseEntryId(id);
  if (place === null)
    throw new AppError(
      'invalid_input',
      'That is not the id of an entry, as lists of them give it.',
    );
  return place;
}

function cursorOf(before: string | undefined, after: string | undefined): Cursor | null {
  if (before !== undefined && after !== undefined)
    throw new AppError(
      'invalid_input',
      'Ask for what lies before an entry, or after it, not both.',
    );
  if (before !== undefined) return { direction: 'before', place: placeOf(before) };
  return after === undefined ? null : { direction: 'after', place: placeOf(after) };
}

function rangeOf(from: string | undefined, to: string | undefined, now: Date) {
  const end = to === undefined ? null : new Date(to);
  const start = from === undefined ? new Date((end ?? now).getTime() - dayMs) : new Date(from);
  if (start >= (end ?? now))
    throw new AppError('invalid_input', '`from` lies before `to` and now.');
  return { preset: null, from: start, to: end };
}
