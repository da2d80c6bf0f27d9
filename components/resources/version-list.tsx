import { Visible } from '@/components/inventory/visible';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { changesOf } from '@/lib/resources/changes';
import type { ResourceVersionRow } from '@/lib/resources/queries';
import type { AttributeChoices } from './attribute-fields';

/** What was said of a resource at each revision, and what changed. */
export function VersionList({
  versions,
  now,
  choices,
}: {
  versions: readonly ResourceVersionRow[];
  now: Date;
  choices: AttributeChoices;
}) {
  if (versions.length === 0) return null;
  const names = new Map(
    [...choices.people, ...choices.teams, ...choices.zones].map(({ id, name }) => [id, name]),
  );
  return (
    <section className="sec" aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <ol className="resource-versions" reversed>
        {versions.map((version, at) => (
          <li key={version.revision}>
            <p>
              <b>Version {version.revision}</b>{' '}
              <span className="t2 s12" title={utcTime(version.at)}>
                {relativeTime(version.at, now)} by <Visible text={version.by} oneLine />
              </span>
            </p>
            {version.reason === null ? null : (
              <p className="s12">
                “<Visible text={version.reason} oneLine />”
              </p>
            )}
            <p className="s12 t2">
              <Visible
                text={changesOf(
                  version.attributes,
                  versions[at + 1]?.attributes ?? null,
                  names,
                ).join('; ')}
                oneLine
              />
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
