import { Visible } from '@/components/inventory/visible';
import { attributeLabels } from '@/lib/identities/versions/labels';
import type { IdentityVersion } from '@/lib/identities/versions/queries';
import type { IdentityAttributes } from '@/lib/identities/versions/schema';
import { whoChanged } from '@/lib/identities/versions/who-changed';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** What was known of an identity, the newest first: who changed what, and why. */
export function VersionList({
  versions,
  names,
  hasOlder,
  now,
}: {
  versions: readonly IdentityVersion[];
  /** Of people, teams, zones, identities and resources, by id. */
  names: ReadonlyMap<string, string>;
  /** Whether there are older ones than these, so that nothing is compared with the last. */
  hasOlder: boolean;
  now: Date;
}) {
  return (
    <ol className="idn-versions">
      {versions.map((version, index) => (
        <li key={version.revision} className="sec stack">
          <div className="row wrap">
            <h2>Version {version.revision}</h2>
            <span className="t2 s12">
              <span title={utcTime(version.at)}>{relativeTime(version.at, now)}</span> by{' '}
              <Visible text={whoChanged(version.by, names)} oneLine />
            </span>
          </div>
          {version.reason === null ? null : (
            <p className="s12">
              <Visible text={version.reason} oneLine />
            </p>
          )}
          <Changes
            version={version}
            former={versions[index + 1]?.attributes ?? null}
            isFirst={index === versions.length - 1 && !hasOlder}
            names={names}
          />
        </li>
      ))}
    </ol>
  );
}

function Changes({
  version: { changed, attributes },
  former,
  isFirst,
  names,
}: {
  version: IdentityVersion;
  former: IdentityAttributes | null;
  isFirst: boolean;
  names: ReadonlyMap<string, string>;
}) {
  if (isFirst) return <p className="t3 s12">The first that was known of it.</p>;
  if (changed.length === 0) return null;
  return (
    <table className="idn-change">
      <caption className="vh">What was changed, before and after</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changed.map((name) => (
          <tr key={name}>
            <th scope="row">{attributeLabels[name]}</th>
            <td className="t2">
              {former === null ? (
                <span className="t3">on the next page</span>
              ) : (
                <Value text={wordsOf(former[name], names)} />
              )}
            </td>
            <td>
              <Value text={wordsOf(attributes[name], names)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const Value = ({ text }: { text: string }) =>
  text === '' ? <span className="t3">nothing</span> : <Visible text={text} />;

function wordsOf(
  value: IdentityAttributes[keyof IdentityAttributes],
  names: ReadonlyMap<string, string>,
): string {
  if (value === null) return '';
  const wordOf = (text: string) => names.get(text) ?? text;
  if (typeof value === 'string') return value === 'all' ? 'all' : wordOf(value);
  if (Array.isArray(value)) return value.map(wordOf).join(', ');
  return [...value.people, ...value.teams.map((team) => `team ${wordOf(team)}`)]
    .map(wordOf)
    .join(', ');
}
