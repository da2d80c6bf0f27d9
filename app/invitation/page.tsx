import type { Metadata } from 'next';
import { Door } from '@/components/shell/door';
import { InvitationForm } from './invitation-form';

export const metadata: Metadata = { title: 'Choose a password' };

/** For whoever was invited, and whose access was reset. It is the same for everybody, and tells nothing. */
export default function InvitationPage() {
  return (
    <Door
      title="Choose your password"
      notes={['It is recorded in the log.', 'A link works once, for 72 hours.']}
    >
      <InvitationForm />
    </Door>
  );
}
