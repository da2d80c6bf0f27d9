import { describe, expect, test } from 'vitest';
import { isSubjectBound, matchesRule, subjectHint } from './federated-rule';

const github = 'https://token.actions.githubusercontent.com';
const cluster = 'https://kubernetes.default.svc.cluster.local';
const ruleOf = (claims: Record<string, string | string[]>) => ({
  audience: 'sallyport',
  claims: Object.entries(claims).map(([name, values]) => ({ name, values: [values].flat() })),
});

describe('a rule says which workload it means', () => {
  test.each([
    ['sub', cluster, { sub: 'system:serviceaccount:prod:billing' }, true],
    ['no claim of a subject', cluster, { env: 'prod' }, false],
    [
      'namespace and account',
      cluster,
      { '/kubernetes.io/namespace': 'prod', '/kubernetes.io/serviceaccount/name': 'billing' },
      true,
    ],
    ['a namespace alone', cluster, { '/kubernetes.io/namespace': 'prod' }, false],
    ['an account alone', cluster, { '/kubernetes.io/serviceaccount/name': 'billing' }, false],
    ['a repository and an environment', github, { repository_id: '74', environment: 'prod' }, true],
    ['a repository and a branch', github, { repository_id: '74', ref: 'refs/heads/main' }, true],
    ['a repository alone: any branch of it', github, { repository_id: '74' }, false],
    ['a repository by its name', github, { repository_id: 'o/r', environment: 'prod' }, false],
    [
      'one of several repositories by its name',
      github,
      { repository_id: ['74', 'o/r'], environment: 'prod' },
      false,
    ],
    ['a subject of GitHub, which holds a name', github, { sub: 'repo:o/r:environment:p' }, false],
    ['an enterprise of GitHub', `${github}/acme`, { sub: 'repo:o/r:environment:p' }, false],
    ['a GitHub server', 'https://git.example.com/_services/token', { sub: 'repo:o/r' }, false],
    ['an issuer that only looks like it', `${github}.example.com`, { sub: 'a' }, true],
  ])('%s', (_, issuer, claims, expected) => {
    expect(isSubjectBound(ruleOf(claims), issuer)).toBe(expected);
  });

  test('what is missing is said by the issuer', () => {
    expect(subjectHint(github)).toContain('repository_id');
    expect(subjectHint(cluster)).toContain('serviceaccount');
  });
});

describe('a token matches to the letter', () => {
  const claims = {
    sub: 'a',
    repository_id: 74,
    big: 2 ** 53,
    protected: true,
    groups: ['a'],
    'a/b': 'slash',
    'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'billing' }, list: ['x'] },
  };
  test.each([
    ['text', { sub: 'a' }, true],
    ['one of several', { sub: ['b', 'a'] }, true],
    ['every claim', { sub: 'a', protected: 'false' }, false],
    ['another case', { sub: 'A' }, false],
    ['a number', { repository_id: '74' }, true],
    ['a number written otherwise', { repository_id: '74.0' }, false],
    ['a number that may be another', { big: '9007199254740992' }, false],
    ['a boolean', { protected: 'true' }, true],
    ['a list never, by its member', { groups: 'a' }, false],
    ['a list never, by its place', { '/groups/0': 'a' }, false],
    ['a list in an object never', { '/kubernetes.io/list/0': 'x' }, false],
    ['an object never', { 'kubernetes.io': '[object Object]' }, false],
    ['into objects', { '/kubernetes.io/serviceaccount/name': 'billing' }, true],
    ['a name with a slash', { '/a~1b': 'slash' }, true],
    ['what is inherited never', { '/constructor/name': 'Object' }, false],
    ['an absent claim', { azp: 'undefined' }, false],
    ['beyond a text', { '/sub/length': '1' }, false],
  ])('%s', (_, asked, expected) => {
    expect(matchesRule(ruleOf(asked as Record<string, string | string[]>), claims)).toBe(expected);
  });
});
