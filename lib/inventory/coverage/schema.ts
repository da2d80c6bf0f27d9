import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { Fingerprint, type IdentityKind, type IdentityState } from '@/lib/identities/schema';
import type { InteractionKind } from '@/lib/telemetry/schema';
import type { Params } from '../address';
import type { Aspect } from './aspects';

export const coverageViews = ['arrives', 'silent', 'measured', 'unowned', 'shadow'] as const;
export const shadowStates = ['open', 'ignored', 'registered'] as const;
export type ShadowState = (typeof shadowStates)[number];

/** What the address of the page says. */
export type CoverageView = {
  view: (typeof coverageViews)[number];
  /** Only identities of which something expected does not arrive. */
  isLacking: boolean;
  shadow: ShadowState;
  /** Whose panel is open. */
  identity: string | null;
  fingerprint: string | null;
  /** As whom the open actor is told of; null for the reporter that did last. */
  reporter: string | null;
  /** One sentence per parameter that was not understood. */
  problems: string[];
};

const readers = {
  view: z.enum(coverageViews),
  show: z.enum(['all', 'lacking']),
  shadow: z.enum(shadowStates),
  identity: z.guid(),
  fingerprint: Fingerprint,
  reporter: z.guid(),
} as const;
type Parameter = keyof typeof readers;

const expected: Record<Parameter, string> = {
  view: coverageViews.join(', '),
  show: 'all, lacking',
  shadow: shadowStates.join(', '),
  identity: 'the id of an identity',
  fingerprint: '32 hexadecimal digits',
  reporter: 'the id of an identity',
};

/** Reads an address. Never throws: what is not understood becomes a sentence. */
export function parseCoverageView(params: Params): CoverageView {
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(readers, name) && !name.startsWith('_'))
      problems.push(`The address names “${name.slice(0, 60)}”, which this page does not know.`);
  }
  const read = <Name extends Parameter>(name: Name): z.output<(typeof readers)[Name]> | null => {
    const value = [params[name] ?? []].flat()[0] ?? '';
    if (value === '') return null;
    const parsed = readers[name].safeParse(value);
    // The schema is the one of this very name.
    if (parsed.success) return parsed.data as z.output<(typeof readers)[Name]>;
    problems.push(`${name}=${value.slice(0, 60)} is not known. It is one of: ${expected[name]}.`);
    return null;
  };
  const fingerprint = read('fingerprint');
  return {
    view: read('view') ?? (fingerprint === null ? 'arrives' : 'shadow'),
    isLacking: read('show') === 'lacking',
    shadow: read('shadow') ?? 'open',
    identity: read('identity'),
    fingerprint,
    reporter: read('reporter'),
    problems,
  };
}

/** The address of a view; what is usual is left out. */
export function coverageHref({
  view,
  isLacking = false,
  shadow = 'open',
  identity = null,
  fingerprint = null,
  reporter = null,
}: Pick<CoverageView, 'view'> & Partial<CoverageView>): string {
  const search = new URLSearchParams();
  if (view !== 'arrives') search.set('view', view);
  if (view === 'arrives' && isLacking) search.set('show', 'lacking');
  if (view === 'shadow' && shadow !== 'open') search.set('shadow', shadow);
  if (view !== 'shadow' && identity !== null) search.set('identity', identity);
  if (view === 'shadow' && fingerprint !== null) search.set('fingerprint', fingerprint);
  if (view === 'shadow' && fingerprint !== null && reporter !== null)
    search.set('reporter', reporter);
  const text = search.toString();
  return text === '' ? '/coverage' : `/coverage?${text}`;
}

/** What arrived of one identity: how many in the last seven days, and when last, ever. */
export type Arrivals = {
  interactions: number;
  recent: Record<Aspect, number>;
  last: Record<Aspect, Date | null>;
  dialects: string[];
  firstAt: Date | null;
  lastAt: Date | null;
};

export type CoveredIdentity = Arrivals & {
  id: string;
  name: string;
  kind: IdentityKind;
  state: IdentityState;
  /** When the last of its keys ends or ended; null where it has none. */
  keyEndsAt: Date | null;
};

/** The words an unregistered actor uses of itself in its newest entry; all null where that is gone. */
export type Declared = {
  declaredName: string | null;
  declaredId: string | null;
  service: string | null;
};

/** An unregistered actor as one reporter tells of it. */
export type ShadowActor = Declared & {
  fingerprint: string;
  reporter: { id: string; name: string };
  /** Not one actor, but all that were too many for their hour. */
  isCrowd: boolean;
  interactions: number;
  sessions: number;
  errors: number;
  kinds: InteractionKind[];
  firstAt: Date;
  lastAt: Date;
  /** A registered identity whose name it uses, or one that its name may be taken for. */
  resembles: { name: string; how: 'same' | 'alike' } | null;
  ignored: { reason: string; by: string; at: Date; until: Date | null } | null;
  /** Still seen: it goes on being reported by whoever may not speak for that identity. */
  registered: { id: string; name: string; since: Date; isStillSeen: boolean } | null;
};

export type ShadowReporter = {
  id: string;
  name: string;
  kind: IdentityKind;
  reportsForAll: boolean;
  interactions: number;
};

export const ignoredForDays = [7, 30, 90] as const;

/** A registered identity with its key, which is shown this once. */
export type Registered = { id: string; name: string; ingestKey: string | null };
export type RegisterResult = Acted<Registered>;
export type Register = (last: RegisterResult | null, form: FormData) => Promise<RegisterResult>;
/** Who answers for one, from the fields of the form: what is to be said of it. */
export type AssignResult = Acted<string>;
export type Assign = (last: AssignResult | null, form: FormData) => Promise<AssignResult>;
export type DecideResult = Acted<null>;
export type Decide = (last: DecideResult | null, form: FormData) => Promise<DecideResult>;
