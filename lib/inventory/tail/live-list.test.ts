import { describe, expect, it } from 'vitest';
import type { InteractionRow } from '../schema';
import { type LiveAction, type LiveList, liveListOff, nextLiveList, shownMax } from './live-list';

const row = (id: string) => ({ id }) as InteractionRow; // nothing else is looked at
const rows = (ids: string[], known: string[] = []): LiveAction => ({
  type: 'rows',
  rows: ids.map(row),
  known: new Set(known),
});
const run = (...actions: LiveAction[]): LiveList => actions.reduce(nextLiveList, liveListOff);
const ids = (list: readonly InteractionRow[]) => list.map(({ id }) => id);
const live: LiveAction[] = [{ type: 'start' }, { type: 'connected' }];

describe('a live list', () => {
  it('takes nothing in until somebody starts it', () => {
    expect(run(rows(['a']), { type: 'connected' }, { type: 'sampled', leftOut: 3 })).toEqual(
      liveListOff,
    );
  });

  it('shows rows at its top, each once, and none that the page shows below', () => {
    const list = run(...live, rows(['b', 'a']), rows(['c', 'b', 'p'], ['p']));
    expect(ids(list.arrived)).toEqual(['c', 'b', 'a']);
  });

  it('moves nothing while paused, and shows what waited when it goes on', () => {
    const paused = run(...live, rows(['a']), { type: 'pause' }, rows(['b']), rows(['c', 'b']));
    expect([ids(paused.arrived), ids(paused.waiting)]).toEqual([['a'], ['c', 'b']]);
    const resumed = nextLiveList(paused, { type: 'resume' });
    expect([ids(resumed.arrived), ids(resumed.waiting)]).toEqual([['c', 'b', 'a'], []]);
  });

  it('moves nothing under the pointer, and by itself once it has left', () => {
    const held = run(...live, rows(['a']), { type: 'hold' }, rows(['c', 'b']));
    expect([held.mode, ids(held.arrived), ids(held.waiting)]).toEqual(['live', ['a'], ['c', 'b']]);
    const released = nextLiveList(held, { type: 'release' });
    expect([ids(released.arrived), released.waiting]).toEqual([['c', 'b', 'a'], []]);
    const paused = run(...live, { type: 'pause' }, { type: 'hold' }, rows(['a']));
    expect(nextLiveList(paused, { type: 'release' }).arrived).toEqual([]);
  });

  it('says when the console does not answer, paused or not, until it does again', () => {
    const lost = run(...live, { type: 'lost' });
    expect([lost.mode, lost.link]).toEqual(['live', 'lost']);
    const resumed = run(...live, { type: 'pause' }, { type: 'lost' }, { type: 'resume' });
    expect([resumed.mode, resumed.link]).toEqual(['live', 'lost']);
    expect(nextLiveList(lost, { type: 'connected' }).link).toBe('connected');
  });

  it('counts all that came, also what it could not hold', () => {
    const many = Array.from({ length: shownMax + 30 }, (_, at) => `r${at}`);
    expect(run(...live, rows(many), rows(['x', 'r0'])).came).toBe(shownMax + 31);
  });

  it('pauses before it is connected too, and stays so', () => {
    expect(run({ type: 'start' }, { type: 'pause' }, { type: 'connected' }).mode).toBe('paused');
  });

  it(`holds ${shownMax} rows at most, and counts the others`, () => {
    const many = Array.from({ length: shownMax + 30 }, (_, at) => `r${at}`);
    const paused = run(...live, { type: 'pause' }, rows(many), { type: 'sampled', leftOut: 5 });
    expect([paused.waiting.length, paused.leftOut]).toEqual([shownMax, 5]);
    const resumed = nextLiveList(paused, { type: 'resume' });
    expect(resumed.arrived).toHaveLength(shownMax);
    expect(run(...live, rows(many)).leftOut).toBe(30);
  });

  it.each(['pause', 'hold'] as const)(
    'says what did not fit while somebody read, and below which row it is missing: %s',
    (type) => {
      const many = (from: number) =>
        rows(Array.from({ length: 300 }, (_, at) => `${type}-1-${from - at}`));
      const read = run(...live, rows([`${type}-1-1`]), { type }, many(400), many(700), many(1000));
      expect(read).toMatchObject({ leftOut: 0, unread: { count: 400, below: `${type}-1-501` } });
      const shown = nextLiveList(read, { type: type === 'pause' ? 'resume' : 'release' });
      expect(shown.arrived.at(-1)?.id).toBe(shown.unread?.below);
      expect(nextLiveList(shown, { type: 'reloaded', rows: [] }).unread).toBeNull();
    },
  );

  it('lets go of what the page shows by itself once it was read anew', () => {
    const list = run(
      ...live,
      rows(['a-1-2', 'a-1-1']),
      { type: 'pause' },
      rows(['b-1-4', 'a-2-3']),
    );
    const reloaded = nextLiveList(list, { type: 'reloaded', rows: [row('a-1-2')] });
    expect([ids(reloaded.arrived), ids(reloaded.waiting)]).toEqual([[], ['b-1-4', 'a-2-3']]);
  });

  it('keeps what it showed when it ends, and says why', () => {
    const list = run(...live, rows(['a']), { type: 'ended', message: 'Signed out.' }, rows(['b']));
    expect([list.mode, list.message, ids(list.arrived)]).toEqual(['ended', 'Signed out.', ['a']]);
  });
});
