'use client';

import Link from 'next/link';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { buttonClass } from '@/components/ui/button';
import { NoRows, Table } from '@/components/ui/table';
import { kindLabels, validityWords } from '@/lib/identities/posture/labels';
import type { PostureAction, PostureType } from '@/lib/identities/posture/schema';
import { visibleText } from '@/lib/inventory/visible';

/** Every fact that can be attested. */
export function TypeTable({
  types,
  remove,
  mayChange,
}: {
  types: readonly PostureType[];
  remove: PostureAction;
  mayChange: boolean;
}) {
  const { line, say } = useSaid();
  return (
    <>
      <Table caption="Facts that can be attested" rows="entity" head={<Head />}>
        {types.length === 0 ? (
          <NoRows columns={5}>Nothing can be attested until a fact is registered.</NoRows>
        ) : (
          types.map((type) => (
            <tr key={type.name}>
              <th scope="row" className="mono">
                {type.name}
              </th>
              <td>
                {kindLabels[type.type]}
                {type.choices.length === 0 ? null : (
                  <span className="t3 s12"> ({type.choices.map(visibleText).join(', ')})</span>
                )}
              </td>
              <td className="t2 settings-cell p3">{visibleText(type.description)}</td>
              <td className="p4">{validityWords(type.longestMinutes)}</td>
              <td>
                {mayChange ? (
                  <div className="settings-row-actions">
                    <Link
                      className={buttonClass({ size: 'small', variant: 'ghost' })}
                      href={`/settings/posture?fact=${type.name}#type-title`}
                      aria-label={`Change ${type.name}`}
                    >
                      Change
                    </Link>
                    <ReasonDialog
                      id={`remove-${type.name}`}
                      word="Remove"
                      label={`Remove ${type.name}`}
                      title={`Remove ${type.name}?`}
                      keep="Keep it"
                      act={remove}
                      fields={{ name: type.name, seenAt: type.changedAt.toISOString() }}
                      done={say}
                    >
                      What was attested of it ends at once. Policies that read it find nothing.
                    </ReasonDialog>
                  </div>
                ) : null}
              </td>
            </tr>
          ))
        )}
      </Table>
      <p ref={line} className="settings-said s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

const Head = () => (
  <>
    <th scope="col">Fact</th>
    <th scope="col">What is said</th>
    <th scope="col" className="p3">
      Description
    </th>
    <th scope="col" className="p4">
      Holds at most
    </th>
    <th scope="col">
      <span className="vh">Actions</span>
    </th>
  </>
);
