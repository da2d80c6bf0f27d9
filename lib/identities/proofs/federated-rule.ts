import type { FederatedRule } from '../credentials/schema';

/** What a verified token says, or a part of it. */
export type Claims = Readonly<Record<string, unknown>>;

/** Where the builds of GitHub come from, its hosted enterprises and its servers at customers. */
const GITHUB =
  /^https:\/\/(?:token\.actions\.githubusercontent\.com(?:\/[\w-]+)?|token\.actions\.[\w-]+\.ghe\.com|[\w.-]+\/_services\/token)$/;
/** What says which work of a repository may act: without one, any branch of it would be the identity. */
const githubWork = ['environment', 'ref', 'job_workflow_ref', 'sub'];
const kubernetesNamespace = '/kubernetes.io/namespace';
const kubernetesAccount = [
  '/kubernetes.io/serviceaccount/name',
  '/kubernetes.io/serviceaccount/uid',
];

/**
 * Whether a rule says which workload it means, and not just any that the issuer vouches for: by `sub`, or by the
 * namespace and service account of Kubernetes. Of GitHub by the number of the repository, since its name may be another's
 * tomorrow, and by the environment, ref, workflow or subject.
 */
export function isSubjectBound({ claims }: Pick<FederatedRule, 'claims'>, issuer: string): boolean {
  const names = new Set(claims.map(({ name }) => name));
  if (isGithub(issuer))
    return (
      claims.some(
        ({ name, values }) =>
          name === 'repository_id' && values.every((value) => /^[1-9]\d{0,18}$/.test(value)),
      ) && githubWork.some((name) => names.has(name))
    );
  return (
    names.has('sub') ||
    (names.has(kubernetesNamespace) && kubernetesAccount.some((name) => names.has(name)))
  );
}

/** What a rule that is not bound lacks, for whoever writes it. */
export const subjectHint = (issuer: string): string =>
  isGithub(issuer)
    ? 'Name repository_id, which is a number, and one of environment, ref, job_workflow_ref or sub.'
    : `Name sub, or ${kubernetesNamespace} with ${kubernetesAccount.join(' or ')}.`;

const isGithub = (issuer: string) => GITHUB.test(issuer);

/**
 * Whether a token says of each claim one of the rule's values, to the letter; the audience is for who verifies it. A
 * number or a boolean is compared as JSON writes it. A list or an object never matches: a name that begins with a slash
 * is a JSON Pointer (RFC 6901), which reaches into objects, so the rule says itself which value it means.
 */
export const matchesRule = ({ claims: asked }: FederatedRule, claims: Claims): boolean =>
  asked.every(({ name, values }) => {
    const said = textOf(name.startsWith('/') ? pointed(claims, name) : own(claims, name));
    return said !== null && values.includes(said);
  });

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  // Beyond that, two numbers are read as one.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null;
  return typeof value === 'boolean' ? String(value) : null;
}

function pointed(claims: Claims, pointer: string): unknown {
  let value: unknown = claims;
  for (const token of pointer.slice(1).split('/'))
    value = own(value, token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return value;
}

const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Claims)[name] // `as`: an object that is no list
    : undefined;
