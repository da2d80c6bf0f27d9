'use client';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Table } from '@/components/ui/table';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { browserName } from '@/lib/auth/account/browser-name';
import type { OwnSignIn } from '@/lib/auth/enrol/queries';
import type { Acted } from '@/lib/core/result';
import { relativeTime, utcTime } from '@/lib/inventory/time';

type Props = {
  signIns: readonly OwnSignIn[];
  current: string;
  now: Date;
  end: (last: Acted<null> | null, form: FormData) => Promise<Acted<null>>;
  endOthers: (last: Acted<number> | null) => Promise<Acted<number>>;
};

const proofs: Record<string, string> = {
  password: 'Password',
  passkey: 'Passkey',
  sso: 'Single sign-on',
};
const factors: Record<string, string> = { totp: ' and code', recovery: ' and recovery code' };

/** Where a person is signed in, and the way to end it there. */
export function OwnSignIns({ signIns, current, now, end, endOthers }: Props) {
  const { state, isPending, form } = useKeptForm<null>(end);
  const others = useKeptForm<number>(endOthers);
  const refusal = [state, others.state].find((each) => each?.ok === false);
  return (
    <section aria-labelledby="sign-ins">
      <h2 id="sign-ins">Where you are signed in</h2>
      <Table
        caption="Your sign-ins"
        rows="entity"
        head={
          <>
            <th scope="col">Browser</th>
            <th scope="col">From</th>
            <th scope="col" className="p3">
              By
            </th>
            <th scope="col" className="p2">
              Since
            </th>
            <th scope="col">Last seen</th>
            <th scope="col">
              <span className="vh">Actions</span>
            </th>
          </>
        }
      >
        {signIns.map((signIn) => (
          <tr key={signIn.id}>
            <th scope="row" title={signIn.userAgent}>
              {browserName(signIn.userAgent)}
              {signIn.id === current ? <span className="t3"> · this one</span> : null}
            </th>
            <td className="mono">{signIn.address}</td>
            <td className="t2 p3">
              {proofs[signIn.proof]}
              {factors[signIn.factor ?? '']}
            </td>
            <td className="t2 p2" title={utcTime(signIn.createdAt)}>
              {relativeTime(signIn.createdAt, now)}
            </td>
            <td className="t2" title={utcTime(signIn.lastSeenAt)}>
              {relativeTime(signIn.lastSeenAt, now)}
            </td>
            <td>
              <form {...form}>
                <input type="hidden" name="id" value={signIn.id} />
                <Button
                  type="submit"
                  variant="danger"
                  size="small"
                  aria-label={`End the sign-in from ${signIn.address}, ${browserName(signIn.userAgent)}`}
                  unavailable={isPending ? 'Ending it' : undefined}
                >
                  End
                </Button>
              </form>
            </td>
          </tr>
        ))}
      </Table>
      {refusal?.ok === false ? (
        <Callout tone="critical" live>
          {refusal.message}
        </Callout>
      ) : null}
      <form {...others.form} className="row wrap">
        <Button
          type="submit"
          unavailable={signIns.length < 2 ? 'You are signed in nowhere else' : undefined}
        >
          End all others
        </Button>
        <span className="t2 s12" role="status">
          {others.state?.ok === true ? `${others.state.value} ended, at once everywhere.` : ''}
        </span>
      </form>
    </section>
  );
}
