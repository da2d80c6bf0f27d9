import type { Metadata } from 'next';
import { Door } from '@/components/shell/door';
import { InvitationForm } from './invitation-form';

export const metadata: Metadata = { title: 'Accept an invitation' };

/** For whoever was invited and has no account yet. It is the same for everybody, and tells nothing. */
export default function InvitationPage() {
  return (
    <Door
      title="Accept your invitation"
      notes={['Accepting is recorded in the log.', 'An invitation works once, for 72 hours.']}
    >
      <InvitationForm />
    </Door>
  );
}
