import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { z } from 'zod';
import '@/components/inventory/inventory.css';
import '@/components/resources/resources.css';
import '@/components/sessions/sessions.css';
import '@/components/settings/settings.css';
import { Visible } from '@/components/inventory/visible';
import { Definitions } from '@/components/resources/definitions';
import { ResourceFacts } from '@/components/resources/resource-facts';
import { ResourceForm } from '@/components/resources/resource-form';
import { ResourceKnown } from '@/components/resources/resource-known';
import { ResourceStateWord } from '@/components/resources/resource-table';
import { UserTable } from '@/components/resources/user-table';
import { VersionList } from '@/components/resources/version-list';
import { buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { type Params, shorten } from '@/lib/inventory/address';
import { thousands } from '@/lib/inventory/labels';
import { entriesHref } from '@/lib/inventory/overview/links';
import { visibleText } from '@/lib/inventory/visible';
import { can, refusalOf } from '@/lib/people/permissions';
import { noResourceView } from '@/lib/resources/address';
import { openDefinitions } from '@/lib/resources/definitions/open';
import { getUnread, listDefinitions } from '@/lib/resources/definitions/queries';
import { approvedBeside, chooseDefinition, reviewOf } from '@/lib/resources/definitions/review';
import { readProposal } from '@/lib/resources/proposals/read';
import {
  findResource,
  listTypes,
  listUsers,
  listVersions,
  usedDays,
} from '@/lib/resources/queries';
import { decideOn, dismiss, proposeChange, saveResource, setRetired } from '../actions';
import { listChoices } from '../choices';

type Address = { params: Promise<{ id: string }> };

/** Asked for once by the page and its title. */
const readResource = cache(async (id: string) => {
  const { scope } = await requirePerson();
  return z.guid().safeParse(id).success ? findResource(scope, id, systemClock()) : null;
});

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  const found = await readResource((await params).id);
  return { title: found === null ? 'Resource' : shorten(visibleText(found.name)) };
}

export default async function ResourcePage({
  params,
  searchParams,
}: Address & { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const resource = await readResource((await params).id);
  if (resource === null) notFound();
  const { id, kind, name, state } = resource;
  const asked = await searchParams;
  const isEdited = asked.edit === '1';
  const isDefined = kind === 'tool' || kind === 'mcp_server';
  const [defined, unread, types, users, versions, choices] = await Promise.all([
    isDefined ? listDefinitions(scope, id) : [],
    isDefined ? getUnread(scope) : null,
    listTypes(scope, noResourceView),
    listUsers(scope, id),
    listVersions(scope, id),
    listChoices(scope, person),
  ]);
  const [mayWrite, mayPropose] = [can(person, 'registry.write'), can(person, 'registry.propose')];
  const chosen = chooseDefinition(
    defined,
    typeof asked.definition === 'string' ? asked.definition : null,
  );
  const texts =
    chosen === null
      ? new Map<string, string>()
      : await openDefinitions(
          scope,
          {
            resource: id,
            ids: [chosen.id, ...[approvedBeside(defined, chosen)?.id ?? []].flat()],
          },
          { now },
        );
  const proposal = readProposal(resource.proposal);
  const isRegistered = state === 'registered';
  const range = { from: new Date(now.getTime() - usedDays * 86_400_000), to: null };
  const names = [name, ...resource.names];
  const inventoryOf = (identity: string[]) =>
    entriesHref(
      { identity, ...(kind === 'model' ? { model: names } : { resource: names }) },
      range,
    );
  const verb = isRegistered ? 'Change' : mayWrite ? 'Register' : 'Propose';
  const hasForm = state !== 'retired' && (mayWrite || mayPropose);
  const value = mayWrite && proposal !== null ? proposal.attributes : attributesOf(resource);
  return (
    <>
      <PageHead
        title={shorten(visibleText(name))}
        state={<ResourceStateWord state={state} />}
        actions={
          <>
            <Link className={buttonClass()} href={inventoryOf([])} prefetch={false}>
              Interactions
            </Link>
            {hasForm && !isEdited ? (
              <Link
                className={buttonClass({ variant: 'primary' })}
                href={`/resources/${id}?edit=1`}
                prefetch={false}
              >
                {mayWrite ? verb : 'Propose'}
              </Link>
            ) : null}
          </>
        }
      />
      <ResourceFacts
        resource={resource}
        type={types.find((type) => type.name === kind)?.label ?? kind}
        now={now}
      />
      {state === 'retired' && resource.calls24h > 0 ? (
        <div className="sec">
          <Callout tone="critical">
            It is retired, and was acted on in the last 24 hours. See below by whom.
          </Callout>
        </div>
      ) : null}
      {proposal === null ? null : (
        <div className="sec">
          <Callout tone="review">
            A change is proposed: “<Visible text={proposal.reason} oneLine />
            ”. Nothing of it holds until an administrator {isRegistered ? 'changes' : 'registers'}{' '}
            the resource; the form is filled in with it.
          </Callout>
        </div>
      )}
      {hasForm && isEdited ? (
        <section className="sec">
          <ResourceForm
            key={`${resource.revision} ${resource.proposedAt?.getTime() ?? ''}`}
            id="resource"
            title={mayWrite ? `${verb} it` : 'Propose what to say of it'}
            button={mayWrite ? `${verb} resource` : 'Propose'}
            save={mayWrite ? saveResource : proposeChange}
            hidden={
              mayWrite ? { id, revision: isRegistered ? String(resource.revision) : '' } : { id }
            }
            value={value}
            choices={choices}
            names={mayWrite ? resource.names : null}
          />
        </section>
      ) : null}
      <div className="resource-cols">
        <ResourceKnown
          resource={resource}
          actions={mayWrite ? { dismiss, setRetired } : null}
          note={mayWrite || mayPropose ? null : refusalOf('registry.write')}
        />
        <div>
          {isDefined ? (
            <Definitions
              rows={defined}
              approval={resource.approval}
              review={chosen === null ? null : reviewOf(defined, chosen, texts)}
              note={unread === null ? null : unreadNote(unread, defined.length === 0)}
              decide={can(person, 'resources.approve') ? decideOn : null}
              refusal={refusalOf('resources.approve')}
              now={now}
              hrefOf={(definition) => `/resources/${id}?definition=${definition}#definition`}
            />
          ) : null}
          <UserTable users={users} hrefOf={(user) => inventoryOf([user])} />
          <VersionList versions={versions} now={now} choices={choices} />
        </div>
      </div>
    </>
  );
}

const attributesOf = ({
  owner,
  team,
  zone,
  purpose,
  tags,
  classification,
  trust,
  sideEffect,
  hostNames,
}: NonNullable<Awaited<ReturnType<typeof readResource>>>) => ({
  ownerId: owner?.id ?? null,
  teamId: team?.id ?? null,
  zoneId: zone?.id ?? null,
  purpose,
  tags,
  classification,
  trust,
  sideEffect,
  hostNames,
});

/** Only where nothing is known of this one: then it may be among what could not be read. */
function unreadNote(
  { digests, unread }: { digests: number; unread: number },
  isNone: boolean,
): string | null {
  if (!isNone) return null;
  if (digests > 0)
    return `Content is kept as digests only, or was: of ${thousands(digests)} messages with definitions nothing but a salted digest is known. They cannot be told apart, so none can be approved.`;
  if (unread > 0)
    return `${thousands(unread)} definitions came in a form that could not be read; those of this one may be among them.`;
  return null;
}
