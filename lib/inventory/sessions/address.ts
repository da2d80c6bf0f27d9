import { z } from 'zod';
import {
  firstPreset,
  list,
  one,
  type Params,
  type Range,
  readInteraction,
  readRange,
  shorten,
  unregistered,
} from '../address';

/** Who acts: a kind of registered identity, or nobody that is registered. */
export const actors = ['agent', 'daemon', 'service', 'external_api', unregistered] as const;
export type Actor = (typeof actors)[number];

export type SessionFilter = {
  /** The id or name of a registered identity, or `unregistered`. */
  identity: string | null;
  actor: Actor | null;
  hasErrors: boolean;
};
/** A session at the edge of a page. Lists go by latest activity. */
export type SessionCursor = { direction: 'before' | 'after'; endedAt: Date; id: string };
export type SessionsView = {
  filter: SessionFilter;
  range: Range;
  cursor: SessionCursor | null;
  problems: string[];
};

/** Both ends of a range as one value, as a choice among others in a form has only one. */
export const intervalOf = ({ from, to }: Range): string =>
  to === null ? from.toISOString() : `${from.toISOString()}/${to.toISOString()}`;

const known = new Set(['identity', 'actor', 'errors', 'from', 'to', 'before', 'after']);

/**
 * Reads an address. Never throws: what is not understood becomes a sentence in `problems`. `from` may hold
 * both ends, by `intervalOf`.
 */
export function parseSessionsView(params: Params, now: Date): SessionsView {
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    if (!known.has(name) && !name.startsWith('_'))
      problems.push(
        `The address names “${shorten(name)}”, which the list of sessions does not know.`,
      );
  }
  const identity = one(params, 'identity', problems);
  const asked = one(params, 'actor', problems);
  const actor = actors.find((name) => name === asked) ?? null;
  if (asked !== null && actor === null)
    problems.push(
      `actor:${shorten(asked)} is not a kind of actor. It is one of: ${actors.join(', ')}.`,
    );
  const [from = null, to = null] = (one(params, 'from', problems) ?? '').split('/');
  const errors = one(params, 'errors', problems);
  if (errors !== null && errors !== 'yes')
    problems.push(
      `errors:${shorten(errors)} is not understood. Write errors=yes, or leave it out.`,
    );
  return {
    filter: {
      identity: identity === null || identity.includes('\0') ? null : identity.slice(0, 256),
      actor,
      hasErrors: errors === 'yes',
    },
    range: readRange(from || null, to ?? one(params, 'to', problems), now, problems),
    cursor: readCursor(params, problems),
    problems,
  };
}

const shape = /^([0-9a-z]{1,9})-([0-9a-f-]{36})$/;

export const formatSessionCursor = ({ endedAt, id }: { endedAt: Date; id: string }): string =>
  `${endedAt.getTime().toString(36)}-${id}`;

function readCursor(params: Params, problems: string[]): SessionCursor | null {
  const direction = list(params.after).length > 0 ? 'after' : 'before';
  const text = one(params, direction, problems);
  if (text === null) return null;
  const [, time = '', id = ''] = shape.exec(text) ?? [];
  const ms = Number.parseInt(time, 36);
  if (!z.guid().safeParse(id).success || !Number.isFinite(ms)) {
    problems.push(`${shorten(text)} names no page, so the newest is shown.`);
    return null;
  }
  return { direction, endedAt: new Date(ms), id };
}

/** The address of a view of the list. */
export function sessionsSearch(view: {
  filter: SessionFilter;
  range: Range;
  page?: { before: string } | { after: string };
}): string {
  const { filter, range } = view;
  const search = new URLSearchParams();
  if (filter.identity !== null) search.set('identity', filter.identity);
  if (filter.actor !== null) search.set('actor', filter.actor);
  if (filter.hasErrors) search.set('errors', 'yes');
  if (range.preset === null) {
    search.set('from', range.from.toISOString());
    if (range.to !== null) search.set('to', range.to.toISOString());
  } else if (range.preset !== firstPreset) search.set('from', range.preset);
  for (const [name, value] of Object.entries(view.page ?? {})) search.set(name, value);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export const isFiltered = (filter: SessionFilter): boolean =>
  filter.identity !== null || filter.actor !== null || filter.hasErrors;

export const sessionViews = ['tree', 'timeline', 'reader'] as const;
export type SessionViewName = (typeof sessionViews)[number];

/** What the address of one session's page says beside the session. */
export function parseSessionView(params: Params): {
  interaction: string | null;
  problems: string[];
} {
  const problems: string[] = [];
  const view = one(params, 'view', problems);
  if (view !== null && !sessionViews.some((name) => name === view))
    problems.push(`view:${shorten(view)} is not a view. It is one of: ${sessionViews.join(', ')}.`);
  return { interaction: readInteraction(one(params, 'interaction', problems), problems), problems };
}
