import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from './database';
import {
  addCode,
  addPlaces,
  makeKey,
  postEnrolment,
  signRequest,
  switchEnrolment,
  type WorkloadKey,
} from './enrolment';
import { startGateway, type TestGateway } from './gateway';
import { listControl, setUpOrganisation } from './organisation';

/** What the gateways are called; this machine is a proxy that they believe, so that tests come from many addresses. */
export const audience = 'https://gateway.example.org';
const environment = { GATEWAY_URL: audience, TRUSTED_PROXIES: '127.0.0.1' };

export type Change = {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  iat?: number;
};

/** Two gateways on one database, where enrolment is on. */
export type EnrolmentWorld = {
  database: TestDatabase;
  owner: Pool;
  one: TestGateway;
  other: TestGateway;
  person: string;
  places: { team: string; zone: string };
  /** Good for many. */
  code(): string;
  /** Nobody has asked, and there is a new code. */
  begin(): Promise<void>;
  close(): Promise<void>;
};

let addresses = 0;
let names = 0;

/** One that nobody came from before. */
export const freshAddress = (): string => {
  addresses += 1;
  return `198.51.${100 + Math.floor(addresses / 250)}.${addresses % 250}`;
};
/** One that looks like no other. */
export const freshName = (): string => {
  names += 1;
  return `w-${[...`${names}`].map((digit) => 'abcdefghkp'[Number(digit)]).join('')}-x`;
};

export async function openEnrolmentWorld(): Promise<EnrolmentWorld> {
  const database = await createTestDatabase();
  const owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 4 });
  const person = await setUpOrganisation(owner);
  const places = await addPlaces(owner);
  const [one, other] = await Promise.all([
    startGateway(database, environment),
    startGateway(database, environment),
  ]);
  let code = '';
  return {
    ...{ database, owner, one, other, person, places },
    code: () => code,
    async begin() {
      await owner.query('DELETE FROM enrolment');
      await owner.query('DELETE FROM enrolment_network');
      await switchEnrolment(owner, true);
      code = await addCode(owner, { person, ...places });
    },
    async close() {
      await Promise.all([one.close(), other.close()]);
      await owner.end();
      await database.drop();
    },
  };
}

/** Asks by a code, well made but for what is said otherwise. */
export async function ask(
  world: EnrolmentWorld,
  change: Change & { key?: WorkloadKey; from?: string; gateway?: TestGateway; aud?: string } = {},
) {
  const { gateway = world.one, from = freshAddress(), aud = audience, ...rest } = change;
  const key = rest.key ?? (await makeKey());
  const claims = { code: world.code(), name: freshName(), ...rest.claims };
  const request = await signRequest(key, aud, { ...rest, claims });
  return postEnrolment(gateway.url, { request }, { from });
}

export const refusals = async ({ owner }: EnrolmentWorld): Promise<unknown[]> =>
  (await listControl(owner, ['enrolment_refused'])).map(({ facts }) => facts.reason);

export const countEnrolments = async ({ owner }: EnrolmentWorld): Promise<number> =>
  Number((await owner.query('SELECT count(*) FROM enrolment')).rows[0]?.count);
