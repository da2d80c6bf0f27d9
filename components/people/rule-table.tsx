import { Icon } from '@/components/ui/icon';
import { Table } from '@/components/ui/table';
import { roleLabels } from '@/lib/people/labels';
import { can, needsFreshFactor, type Permission, permissions } from '@/lib/people/permissions';
import { roles } from '@/lib/people/schema';

/** What each role may: the table by which code and pages go. */
export function RuleTable() {
  const names = Object.keys(permissions) as Permission[];
  return (
    <div className="people-rules">
      <Table
        caption="What each role may"
        rows="entity"
        stickyFirst
        head={
          <>
            <th scope="col" className="w-max">
              May
            </th>
            {roles.map((role) => (
              <th key={role} scope="col" title={roleLabels[role].sentence}>
                {roleLabels[role].word}
              </th>
            ))}
            <th scope="col">Fresh second factor</th>
          </>
        }
      >
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{sentenceOf(permissions[name].may)}</th>
            {roles.map((role) => (
              <td key={role}>
                {can({ roles: [role] }, name) ? (
                  <span className="yes">
                    <Icon name="check" size={14} />
                    <span className="vh">Yes</span>
                  </span>
                ) : (
                  <span className="t3">
                    <span aria-hidden="true">–</span>
                    <span className="vh">No</span>
                  </span>
                )}
              </td>
            ))}
            <td className="t2">
              {needsFreshFactor(name) ? 'Within 10 minutes' : <span className="t3">not asked</span>}
            </td>
          </tr>
        ))}
      </Table>
    </div>
  );
}

const sentenceOf = (may: string): string => may.charAt(0).toUpperCase() + may.slice(1);
