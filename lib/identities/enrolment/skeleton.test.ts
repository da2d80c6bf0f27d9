import { expect, test } from 'vitest';
import { oddCharactersOf, scriptsOf, skeletonOf } from './skeleton';

// If one of these were two names, a workload could ask to be registered as what people take for another one.
test.each([
  ['billing-bot', 'bi11ing-bot'],
  ['billing-bot', 'biIIing-bot'],
  ['billing-bot', 'BILLING-BOT'],
  ['billing-bot', 'billing_bot'],
  ['billing-bot', 'billing.bot'],
  ['billing-bot', 'billing-b0t'],
  ['billing-bot', 'billing-bоt'],
  ['billing-bot', 'вilling-bot'.replace('в', 'В')],
  ['billing-bot', 'ｂｉｌｌｉｎｇ-bot'],
  ['billing-bot', '𝐛𝐢𝐥𝐥𝐢𝐧𝐠-bot'],
  ['billing-bot', 'bil\u200bling-bot'],
  ['billing-bot', 'bílling-bot'],
  ['billing-bot', 'billing\u2010bot'],
  ['billing-bot', 'biⅼⅼing-bot'],
  ['billing-bot', 'ЬіӀӀіпɡ-ЬоТ'.toLowerCase()],
  ['payments', 'payrnents'],
  ['payments', 'рауmеntѕ'],
  ['modem', 'modern'],
  ['windows', 'vvindows'],
  ['data-loader', 'clata-loader'],
  ['crawler', 'craw1er'],
  ['crawler', 'CRAWLER'],
  ['HERMES', 'НЕRМЕЅ'],
  ['HERMES', 'ΗΕRΜΕS'],
  ['NOVA', 'ΝΟVΑ'],
  ['yard', 'Υard'],
  ['smoke', 'smøke'],
  ['task', 'ŧask'],
  ['scope-sync', 'ѕсоре-sync'],
])('%s and %s are drawn alike', (one, other) => {
  expect(skeletonOf(other)).toBe(skeletonOf(one));
});

test.each([
  ['billing-bot', 'billing-bots'],
  ['agent-1', 'agent-2'],
  ['reader', 'leader'],
  ['crawler', 'trawler'],
  ['нева', 'нива'],
])('%s and %s are not', (one, other) => {
  expect(skeletonOf(other)).not.toBe(skeletonOf(one));
});

test('a name of two scripts that imitate each other is told from one of a single script', () => {
  expect(scriptsOf('billing-bоt')).toEqual(['Latin', 'Cyrillic']);
  expect(scriptsOf('billing-bot-2')).toEqual(['Latin']);
  expect(scriptsOf('計費-bot')).toEqual(['Latin']);
});

test('what is not ASCII is pointed out, with what it could be taken for', () => {
  expect(oddCharactersOf('billing-bоt')).toEqual([
    { character: 'о', code: 'U+043E', says: 'Cyrillic, drawn like o' },
  ]);
  expect(oddCharactersOf('billing-bot')).toEqual([]);
  expect(oddCharactersOf('計')).toEqual([
    { character: '計', code: 'U+8A08', says: 'another script or a sign' },
  ]);
});

test('a long name takes no longer', () => {
  expect(skeletonOf('a'.repeat(100_000)).length).toBeLessThanOrEqual(512);
});
