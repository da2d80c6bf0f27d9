import { expect, test } from 'vitest';
import { assuranceOf } from './assurance';
import type { ProofClass } from './schema';

const levels: [ProofClass[], number][] = [
  [[], 0],
  [['placed'], 0],
  [['bearer'], 1],
  [['held'], 1],
  [['held', 'held'], 1],
  [['held', 'bearer'], 1],
  [['placed', 'bearer'], 1],
  [['held', 'placed'], 2],
  [['held', 'vouched'], 2],
  [['held', 'vouched', 'placed', 'bearer'], 2],
];
test.each(levels)('proofs of %j are worth level %i', (classes, level) => {
  expect(assuranceOf(classes).level).toBe(level);
});

test('whoever is short of a level is told what lifts it', () => {
  expect(assuranceOf([]).lacks).toContain('nothing to prove itself with');
  expect(assuranceOf(['bearer']).lacks).toContain('bearer secret only');
  expect(assuranceOf(['held']).lacks).toContain('another class');
});
