import { z } from 'zod';
import { TypeName } from './schema';
import { classifications, resourceStates, sideEffects, trusts } from './words';

/** What nobody has said, as a filter. */
const unsaid = 'unsaid';

const readers = {
  type: TypeName,
  q: z.string().min(1).max(200),
  state: z.enum(resourceStates),
  classification: z.enum([...classifications, unsaid]),
  trust: z.enum([...trusts, unsaid]),
  effect: z.enum([...sideEffects, unsaid]),
  definitions: z.literal('unapproved'),
  zone: z.guid().or(z.literal(unsaid)),
  owner: z.guid().or(z.literal(unsaid)),
  team: z.guid().or(z.literal(unsaid)),
  /** The last one of the page before. */
  after: z.guid(),
} as const;
type Parameter = keyof typeof readers;

/** What the address of the page says. */
export type ResourceView = {
  [Name in Parameter]: z.output<(typeof readers)[Name]> | null;
} & {
  /** One sentence per parameter that was not understood. */
  problems: string[];
};

const expected: Record<Parameter, string> = {
  type: 'the name of a type',
  q: 'up to 200 characters',
  state: resourceStates.join(', '),
  classification: [...classifications, unsaid].join(', '),
  trust: [...trusts, unsaid].join(', '),
  effect: [...sideEffects, unsaid].join(', '),
  definitions: 'unapproved',
  zone: 'the id of a zone, or unsaid',
  owner: 'the id of a person, or unsaid',
  team: 'the id of a team, or unsaid',
  after: 'the id of a resource',
};
const parameters = Object.keys(readers) as Parameter[]; // Object.keys forgets what it lists

/** Reads an address. Never throws: what is not understood becomes a sentence. */
export function parseResourceView(
  params: Record<string, string | string[] | undefined>,
): ResourceView {
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(readers, name) && !name.startsWith('_'))
      problems.push(`The address names “${name.slice(0, 60)}”, which this page does not know.`);
  }
  const read = (name: Parameter): string | null => {
    const value = [params[name] ?? []].flat()[0]?.trim() ?? '';
    if (value === '') return null;
    const parsed = readers[name].safeParse(value);
    if (parsed.success) return parsed.data;
    problems.push(`${name}=${value.slice(0, 60)} is not known. It is: ${expected[name]}.`);
    return null;
  };
  const view = Object.fromEntries(parameters.map((name) => [name, read(name)]));
  // Each was read by the schema of its very name.
  return { ...view, problems } as ResourceView;
}

export const noResourceView: ResourceView = parseResourceView({});

/** Whether anything but the type narrows the list. */
export const isNarrowed = (view: ResourceView): boolean =>
  parameters.some((name) => name !== 'type' && name !== 'after' && view[name] !== null);

/** The address of a view; what is usual is left out. */
export function resourcesHref(view: Partial<ResourceView> = {}): string {
  const search = new URLSearchParams();
  for (const name of parameters) {
    const value = view[name] ?? null;
    if (value !== null) search.set(name, value);
  }
  const text = search.toString();
  return text === '' ? '/resources' : `/resources?${text}`;
}
