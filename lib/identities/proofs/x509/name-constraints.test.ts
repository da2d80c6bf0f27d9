import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CertificateOptions,
  type Extension,
  type Issued,
  issueAuthority,
  issueCertificate,
  issueSvid,
} from '@/tests/support/authority';
import { constraint } from '@/tests/support/name-constraint';
import { anchorOf, verdictOf } from '@/tests/support/verdict';

const id = 'spiffe://example.org/agents/returns';
let root: Issued;
beforeAll(async () => {
  root = await issueAuthority();
});

describe('name constraints', () => {
  const uri = (uniformResourceIdentifier: string) => ({ uniformResourceIdentifier });
  const dns = (dNSName: string) => ({ dNSName });
  const email = (rfc822Name: string) => ({ rfc822Name });

  const cases: [string, Extension, CertificateOptions, boolean][] = [
    ['a URI of the host', constraint([uri('example.org')]), {}, true],
    ['a URI of another host', constraint([uri('example.com')]), {}, false],
    ['a URI below the host', constraint([uri('org')]), {}, false],
    ['a URI below a dot', constraint([uri('.org')]), {}, true],
    ['a URI that is excluded', constraint([], [uri('example.org')]), {}, false],
    ['a URI where another is excluded', constraint([], [uri('example.com')]), {}, true],
    ['a URI without a host', constraint([uri('.org')]), { uris: ['urn:a:b'] }, false],
    ['a URI of an address', constraint([], [uri('.org')]), { uris: ['https://10.0.0.1/'] }, false],
    [
      'a host in the user of a URI',
      constraint([uri('a.org')]),
      { uris: ['https://a.org@b.org/'] },
      false,
    ],
    ['a DNS name', constraint([dns('example.org')]), { dns: ['a.example.org'] }, true],
    ['a DNS name itself', constraint([dns('EXAMPLE.org')]), { dns: ['example.org'] }, true],
    [
      'a DNS name that only ends alike',
      constraint([dns('ample.org')]),
      { dns: ['example.org'] },
      false,
    ],
    [
      'a DNS name excluded',
      constraint([], [dns('example.org')]),
      { dns: ['A.example.ORG'] },
      false,
    ],
    ['no DNS name where one is permitted', constraint([dns('example.com')]), {}, true],
    [
      'an e-mail name of the host',
      constraint([email('example.org')]),
      { emails: ['a@example.org'] },
      true,
    ],
    [
      'an e-mail name of another',
      constraint([email('example.org')]),
      { emails: ['a@b.org'] },
      false,
    ],
    ['one e-mail name', constraint([email('a@b.org')]), { emails: ['a@b.org'] }, true],
    [
      'an e-mail name in the subject',
      constraint([email('example.org')]),
      { subject: 'CN=a,E=a@example.org' },
      true,
    ],
    [
      'an e-mail name of another in the subject',
      constraint([email('example.org')]),
      { subject: 'CN=a,E=a@b.org' },
      false,
    ],
    [
      'that beside a name that is permitted',
      constraint([email('example.org')]),
      { subject: 'CN=a,E=a@b.org', emails: ['a@example.org'] },
      false,
    ],
    [
      'an e-mail name in the subject that is excluded',
      constraint([], [email('b.org')]),
      { subject: 'CN=a,E=a@b.org' },
      false,
    ],
    [
      'an address, a form that is not checked',
      constraint([{ iPAddress: '10.0.0.0/8' }]),
      { ips: ['10.0.0.1'] },
      false,
    ],
  ];
  test.each(cases)('%s: %#', async (_, extension, change, isTaken) => {
    const between = await issueAuthority({
      issuer: root,
      subject: 'CN=constrained',
      extensions: [extension],
    });
    const leaf = await issueCertificate({
      issuer: between,
      uris: ['https://example.org/agent'],
      ...change,
    });
    const verdict = verdictOf([leaf, between], [anchorOf('ca', [root])]);
    expect(verdict).toMatch(isTaken ? /^thumbprint:/ : /^invalid: .*\(name constraints\)\.$/);
  });

  test('bind every authority below, and SVIDs too', async () => {
    const top = await issueAuthority({
      subject: 'CN=top',
      extensions: [constraint([uri('example.org')])],
    });
    const below = await issueAuthority({ issuer: top, subject: 'CN=below' });
    const anchors = [anchorOf('spiffe', [top], { trustDomain: 'example.org' })];
    expect(verdictOf([await issueSvid(below, id), below], anchors)).toBe(id);
    const elsewhere = anchorOf('spiffe', [top], { trustDomain: 'evil.org' });
    const evil = await issueSvid(below, 'spiffe://evil.org/a');
    expect(verdictOf([evil, below], [elsewhere])).toContain('name constraints');
  });
});
