import { describe, expect, test } from 'vitest';
import { kindWord, labelOf, sentenceOf } from './labels';
import type { Facts, Reads } from './schema';
import { doerOf, hrefOfSubject, readsSentence, subjectOf } from './tell';

const id = '01930000-0000-7000-8000-0000000000ad';
const other = '01930000-0000-7000-8000-0000000000be';

describe('who did it', () => {
  test.each<[kind: string, facts: Facts, doer: object]>([
    ['price_set', { by: `person:${id}` }, { kind: 'person', id }],
    ['signed_in', { person: id }, { kind: 'person', id }],
    ['signed_in', { by: `person:${id}`, person: other }, { kind: 'person', id }],
    ['identity_created', { by: 'operator:root' }, { kind: 'operator', name: 'root' }],
    ['person_created', { by: 'setup_code', person: id }, { kind: 'system', word: 'Set-up page' }],
    ['person_created', { by: 'invitation' }, { kind: 'system', word: 'Invitation' }],
    ['roles_mapped', { by: 'sso', person: id }, { kind: 'system', word: 'Single sign-on' }],
    ['content_opened', { by: `api_key:${id}` }, { kind: 'system', word: `API key ${id}` }],
    ['days_expired', {}, { kind: 'system', word: 'Sallyport' }],
    ['days_expired', { by: 'constructor' }, { kind: 'system', word: 'constructor' }],
    ['sign_in_refused', { person: id }, { kind: 'unproven' }],
    ['sign_in_refused', { by: `person:${id}` }, { kind: 'unproven' }],
    ['price_set', { by: 7 }, { kind: 'system', word: 'Sallyport' }],
  ])('%s %j', (kind, facts, doer) => {
    expect(doerOf(kind, facts)).toEqual(doer);
  });
});

describe('on what it was done', () => {
  const entry = { position: 7, received_at: '2026-11-20T09:00:00.000Z', shard: 1 };
  const at = `${Date.parse(entry.received_at).toString(36)}-1-7`;
  const fingerprint = 'ab'.repeat(16);
  test.each<[kind: string, facts: Facts, href: string | null]>([
    ['identity_created', { by: 'operator:x', identity: id, fingerprint }, `/identities/${id}`],
    ['entry_erased', { by: 'operator:x', entry }, `/inventory?interaction=${at}`],
    ['content_opened', { by: `person:${id}`, subject: at }, `/inventory?interaction=${at}`],
    ['content_opened', { by: `person:${id}`, subject: other }, `/sessions/${other}`],
    [
      'content_opened',
      { by: `person:${id}`, resource: other, definitions: [id] },
      `/resources/${other}`,
    ],
    [
      'quarantined_item_opened',
      { by: `person:${id}`, subject: other },
      `/health/quarantine?item=${other}`,
    ],
    ['quarantined_erased', { by: `person:${id}`, item: other }, `/health/quarantine?item=${other}`],
    ['person_created', { by: `person:${id}`, person: other }, `/people?person=${other}`],
    ['sign_in_refused', { person: other }, `/people?person=${other}`],
    [
      'shadow_ignored',
      { by: `person:${id}`, fingerprint, reporter: other },
      `/coverage?view=shadow&fingerprint=${fingerprint}&reporter=${other}`,
    ],
    ['credential_revoked', { by: `person:${id}`, credential: other }, null],
    ['export_finished', { by: `person:${id}`, export: other }, null],
    ['content_opened', { subject: '"><script>' }, '/sessions/%22%3E%3Cscript%3E'],
  ])('%s leads to its page', (kind, facts, href) => {
    const subject = subjectOf(kind, facts);
    expect(subject && hrefOfSubject(subject)).toBe(href);
  });

  test.each<[kind: string, facts: Facts]>([
    ['signed_in', { person: id }],
    ['days_expired', { partitions: [] }],
    ['entry_erased', { entry: { position: 'x', received_at: 1, shard: null } }],
    ['entry_erased', { entry: { position: 1, received_at: 'never', shard: 1 } }],
  ])('%s %j is about nothing else', (kind, facts) => {
    expect(subjectOf(kind, facts)).toBeNull();
  });

  test('a name stands for itself and leads nowhere', () => {
    const subject = subjectOf('price_set', { by: `person:${id}`, model: 'gpt' });
    expect(subject).toEqual({ kind: 'other', text: 'gpt' });
    expect(subject && hrefOfSubject(subject)).toBeNull();
    expect(subjectOf('price_set', { before: null, after: { name: 'office' } })).toEqual({
      kind: 'other',
      text: 'office',
    });
  });
});

describe('what was done', () => {
  test.each<[kind: string, facts: Facts, sentence: string]>([
    ['signed_in', { factor: 'totp' }, 'Signed in with a code'],
    ['signed_in', {}, 'Signed in'],
    ['export_finished', { state: 'done', rows: 1234 }, 'Export ended, done after 1,234 rows'],
    ['export_finished', { state: 'failed' }, 'Export ended, failed'],
    ['entry_erased', { scope: 'bodies' }, 'Erased an entry, content only'],
    ['export_started', { format: 'constructor' }, 'Started an export as constructor'],
    ['made_by_a_newer_one', {}, 'Made by a newer one'],
    ['constructor', {}, 'Constructor'],
    ['authentication_refused', { reason: 'expired' }, 'Proof refused, expired'],
    [
      'authentication_refused',
      { reason: 'not_a_proxy', count: 12 },
      'Proof refused, headers of a proxy that is none, 12 times',
    ],
    [
      'authentication_refused',
      { count: 4938, reasons: { unknown: 4938 } },
      'Proof refused, 4,938 times',
    ],
  ])('%s %j', (kind, facts, sentence) => {
    expect(sentenceOf(kind, facts)).toBe(sentence);
  });

  test('a list to choose from has the words without facts', () => {
    expect(kindWord('quarantine_replay_requested')).toBe('Asked to replay');
    expect(labelOf('constructor').group).toBe('settings');
  });

  const none: Reads = {
    interactions: 0,
    conversations: 0,
    resources: 0,
    searches: 0,
    items: 0,
    entries: 2,
    addresses: 1,
  };
  test.each<[reads: Partial<Reads>, sentence: string]>([
    [{ interactions: 14 }, 'Read the content of 14 interactions'],
    [{ interactions: 1, conversations: 1 }, 'Read the content of 1 interaction and 1 conversation'],
    [{ searches: 2 }, 'Searched content twice'],
    [{ resources: 1 }, 'Read the content of 1 tool or server'],
    [{ items: 3, searches: 5 }, 'Read the content of 3 refused items, searched it 5 times'],
  ])('a minute of %j', (reads, sentence) => {
    expect(readsSentence({ ...none, ...reads })).toBe(sentence);
  });
});
