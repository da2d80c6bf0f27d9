import { describe, expect, it } from 'vitest';
import {
  formatSessionCursor,
  intervalOf,
  parseSessionsView,
  parseSessionView,
  sessionsSearch,
} from './address';

const now = new Date('2026-11-12T14:36:01.882Z');
const id = '00000000-0000-8000-8000-0000000000aa';

describe('the address of the list of sessions', () => {
  it('is the same after being read and written', () => {
    for (const search of ['', '?identity=billing-agent&actor=agent&errors=yes&from=7d']) {
      const view = parseSessionsView(Object.fromEntries(new URLSearchParams(search)), now);
      expect(view.problems).toEqual([]);
      expect(sessionsSearch(view)).toBe(search);
    }
  });

  it('takes both ends of a range from one field of a form, and another choice drops both', () => {
    const { range } = parseSessionsView(
      { from: '2026-11-10T08:00Z', to: '2026-11-10T09:30Z' },
      now,
    );
    expect(parseSessionsView({ from: intervalOf(range) }, now)).toMatchObject({
      range,
      problems: [],
    });
    expect(parseSessionsView({ from: '7d' }, now).range).toMatchObject({ preset: '7d', to: null });
    expect(parseSessionsView({ from: '2026-11-10T08:00Z/then' }, now).problems).toHaveLength(1);
  });

  it('holds the place of a page', () => {
    const text = formatSessionCursor({ endedAt: now, id });
    expect(parseSessionsView({ before: text }, now).cursor).toEqual({
      direction: 'before',
      endedAt: now,
      id,
    });
    expect(parseSessionsView({ after: text }, now).cursor?.direction).toBe('after');
  });

  it.each([
    [{ actor: 'robot' }, 'actor:robot is not a kind of actor'],
    [{ errors: 'maybe' }, 'errors:maybe is not understood'],
    [{ before: 'zzz' }, 'zzz names no page'],
    [{ before: `zzzzzzzzz-${'-'.repeat(36)}` }, 'names no page'],
    [{ kind: 'tool_call' }, '“kind”'],
    [{ from: 'yesterday' }, 'from=yesterday is not a time'],
    [{ actor: ['agent', 'daemon'] }, 'actor is given 2 times'],
  ])('says what it did not understand of %j', (params, sentence) => {
    const { problems } = parseSessionsView(params, now);
    expect(problems.join(' ')).toContain(sentence);
  });

  it('never lets a null byte reach the database', () => {
    expect(parseSessionsView({ identity: 'a\0b' }, now).filter.identity).toBeNull();
  });
});

describe('the address of a session', () => {
  it('names what is open, and says so when it names no entry or view', () => {
    expect(parseSessionView({ view: 'reader', interaction: 'mhw0qy2p-1-42' })).toEqual({
      interaction: 'mhw0qy2p-1-42',
      problems: [],
    });
    expect(parseSessionView({ view: 'map', interaction: '!' }).problems).toHaveLength(2);
  });
});
