import { type ProofClass, proofClasses } from './schema';

/** How much an identity can show by itself; level 3 is a person's yes to one exact call, which nothing holds in advance. */
export type Assurance = { level: 0 | 1 | 2; classes: ProofClass[]; lacks: string };

const lacking = {
  0: 'It has nothing to prove itself with.',
  1: 'A second proof of another class lifts it to 2.',
  2: 'A person’s yes to the exact call lifts one call to 3.',
} as const;

/**
 * One proof is level 1, proofs of two classes are level 2. A secret that whoever has it can show adds nothing to another
 * proof, and a network proves nothing by itself.
 */
export function assuranceOf(classes: readonly ProofClass[]): Assurance {
  const held = proofClasses.filter((each) => classes.includes(each));
  const proofs = held.filter((each) => each !== 'bearer');
  const level = proofs.length >= 2 ? 2 : held.some((each) => each !== 'placed') ? 1 : 0;
  const isBearer = level === 1 && proofs.length === 0;
  return {
    level,
    classes: held,
    lacks: isBearer
      ? 'It has a bearer secret only: a key, a certificate or a workload identity and one more class lift it to 2.'
      : lacking[level],
  };
}
