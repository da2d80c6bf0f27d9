import { AsnConvert } from '@peculiar/asn1-schema';
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509';
import { Extension } from './authority';

type Base = Partial<GeneralName>;

const subtrees = (bases: readonly Base[]) =>
  new GeneralSubtrees(bases.map((base) => new GeneralSubtree({ base: new GeneralName(base) })));

/** Which names an authority may vouch for, and which not. */
export function constraint(permitted: readonly Base[], excluded: readonly Base[] = []): Extension {
  const value = new NameConstraints({
    ...(permitted.length > 0 ? { permittedSubtrees: subtrees(permitted) } : {}),
    ...(excluded.length > 0 ? { excludedSubtrees: subtrees(excluded) } : {}),
  });
  return new Extension('2.5.29.30', true, AsnConvert.serialize(value));
}
