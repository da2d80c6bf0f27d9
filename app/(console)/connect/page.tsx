import type { Metadata } from 'next';
import { ConnectSteps } from '@/components/inventory/connect-steps';
import '@/components/inventory/inventory.css';
import '@/components/inventory/connect.css';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { config, gatewayUrl } from '@/lib/core/config';
import { grpcUrlOf } from '@/lib/inventory/connect/snippet';
import { listReporters } from '@/lib/inventory/queries';
import { can } from '@/lib/people/permissions';
import { connectAgent } from './actions';

export const metadata: Metadata = { title: 'Connect an agent' };

export default async function ConnectPage() {
  const { scope, person } = await requirePerson();
  return (
    <>
      <PageHead
        title="Connect an agent"
        meta="Point its telemetry here. Nothing is blocked until you enforce a policy."
      />
      <ConnectSteps
        choices={await listReporters(scope)}
        connect={can(person, 'registry.write') ? connectAgent : null}
        gatewayUrl={gatewayUrl(config())}
        grpcUrl={grpcUrlOf(gatewayUrl(config()), config().GATEWAY_GRPC_PORT)}
      />
    </>
  );
}
