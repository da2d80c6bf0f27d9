import { randomBytes } from 'node:crypto';
import type { Metadata } from 'next';
import { ConnectSteps } from '@/components/inventory/connect-steps';
import '@/components/inventory/inventory.css';
import '@/components/inventory/connect.css';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { config, gatewayUrl } from '@/lib/core/config';
import { grpcUrlOf } from '@/lib/inventory/connect/snippet';
import { listReporters } from '@/lib/inventory/queries';
import { connectAgent } from './actions';

export const metadata: Metadata = { title: 'Connect an agent' };

export default async function ConnectPage() {
  const { scope, person } = await requirePerson();
  const choices = await listReporters(scope);
  return (
    <>
      <PageHead
        title="Connect an agent"
        meta="Point its telemetry here. Nothing is blocked until you enforce a policy."
      />
      <ConnectSteps
        choices={choices}
        connect={person.roles.includes('admin') ? connectAgent : null}
        gatewayUrl={gatewayUrl(config())}
        grpcUrl={grpcUrlOf(gatewayUrl(config()), config().GATEWAY_GRPC_PORT)}
        ids={{
          trace: randomBytes(16).toString('hex'),
          span: randomBytes(8).toString('hex'),
          nowMs: systemClock().getTime(),
        }}
      />
    </>
  );
}
