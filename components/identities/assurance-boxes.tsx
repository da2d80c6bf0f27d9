import { type Assurance, assuranceOf } from '@/lib/identities/credentials/assurance';
import type { ProofClass } from '@/lib/identities/credentials/schema';

/** Three squares and the number; what lacks to the next level is in its title. */
export function AssuranceBoxes({ classes }: { classes: readonly ProofClass[] }) {
  const { level, lacks }: Assurance = assuranceOf(classes);
  return (
    <span className="asr" title={lacks}>
      <span className="vh">Assurance {level} of 3</span>
      <span aria-hidden="true">
        {[1, 2, 3].map((step) => (
          <i key={step} className={step <= level ? 'on' : undefined} />
        ))}
        <b>{level}</b>
      </span>
    </span>
  );
}
