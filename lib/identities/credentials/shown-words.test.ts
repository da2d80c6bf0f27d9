import { expect, test } from 'vitest';
import { shownWords } from './shown-words';

test.each([
  ['x509_svid', 'spiffe://a.example/agents/returns', 'spiffe://a.example/agents/returns'],
  [
    'x509_svid',
    'spiffe://prod.sparrow.example/ns/finance/sa/treasury-assistant',
    'spiffe://…/sa/treasury-assistant',
  ],
  ['federated', '{"audience":"sallyport","claims":[{"name":"sub","values":["a","b"]}]}', 'sub=a|b'],
  ['federated', 'not a rule', 'not a rule'],
  ['ingest_key', '…aB3d', '…aB3d'],
] as const)('%s %s is written %s', (kind, shows, words) => {
  expect(shownWords({ kind, shows })).toBe(words);
});
