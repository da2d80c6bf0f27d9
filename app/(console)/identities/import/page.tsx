import type { Metadata } from 'next';
import '@/components/identities/identities.css';
import { ImportForm } from '@/components/identities/import-form';
import '@/components/inventory/inventory.css';
import { NoPermission } from '@/components/ui/no-permission';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { can } from '@/lib/people/permissions';
import { applyImport, checkImport } from './actions';

export const metadata: Metadata = { title: 'Import identities' };

export default async function ImportPage() {
  const { person } = await requirePerson();
  return (
    <>
      <PageHead title="Import identities" meta="Many at once, line by line" />
      {can(person, 'registry.write') ? (
        <>
          <p className="sec t2 s12">
            A line or object names kind and name, and any of names, owner and sponsor (by e-mail
            address), team, zone, purpose, tags, acts_for, expects and reports_for; in CSV lists
            have semicolons between their parts. What is registered already under its name is
            changed. Nothing is done before you have seen what it comes to.
          </p>
          <ImportForm check={checkImport} apply={applyImport} />
        </>
      ) : (
        <NoPermission permission="registry.write" />
      )}
    </>
  );
}
