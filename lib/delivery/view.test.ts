import { expect, test } from 'vitest';
import { formatNoticeCursor, parseDeliveryView, parseNoticeView } from './view';

const id = '019ad3c0-0000-7000-8000-000000000001';

test('an address is read as it was written', () => {
  expect(parseNoticeView({})).toEqual({ show: 'all', after: null, problems: [] });
  for (const readAt of [null, new Date()]) {
    const after = formatNoticeCursor({ id, readAt });
    expect(parseNoticeView({ show: 'unread', after })).toEqual({
      show: 'unread',
      after: { isUnread: readAt === null, id },
      problems: [],
    });
  }
  expect(parseDeliveryView({ state: 'dead', after: id })).toEqual({
    state: 'dead',
    after: id,
    problems: [],
  });
});

test('what is not understood becomes a sentence and changes nothing', () => {
  for (const after of ['u', `x.${id}`, 'u.1', "u.' OR 1=1"])
    expect(parseNoticeView({ after })).toMatchObject({
      after: null,
      problems: [expect.stringContaining('does not exist')],
    });
  expect(parseNoticeView({ show: ['read', 'unread'] }).problems).toHaveLength(1);
  expect(parseDeliveryView({ state: 'lost', after: 'x' })).toMatchObject({
    state: null,
    after: null,
  });
  expect(parseDeliveryView({ state: 'lost', after: 'x' }).problems).toHaveLength(2);
});
