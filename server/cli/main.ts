import { AppError } from '@/lib/core/errors';
import { certs } from './certs';
import { identities } from './identities';
import { keys } from './keys';
import { login, migrateDatabase, prepare } from './prepare';
import { replay } from './replay';
import { simulate } from './simulate';
import { status } from './status';
import { UsageError } from './usage';

const commands: Record<string, (args: string[]) => Promise<void>> = {
  identities,
  status,
  migrate: migrateDatabase,
  keys,
  certs,
  replay,
  simulate,
  prepare,
  login,
};

const usage = `Usage: npm run sallyport -- COMMAND

  identities create --kind agent|daemon|service|external_api --name NAME
      [--names OTHER,OTHER] [--reports-for all|NAME,NAME] [--days 30] [--no-key]
      [--owner E-MAIL] [--sponsor E-MAIL] [--team NAME] [--zone NAME]
      [--purpose TEXT] [--tags TAG,TAG] [--json]
  identities import FILE [--dry-run] [--judged HASH] [--reason WHY] [--json]
  identities suspend NAME --reason WHY [--json]
  identities list [--json]
  status [--json]
  migrate [--json]
  keys rotate
  certs issue --identity NAME [--zone] [--out FOLDER] [--json]     of the development authority
  certs ca                                                       its own certificate
  replay FILE… [--rate N] [--speed X] [--json]
  simulate [--days 30] [--seed 7] [--scale 1] [--rate N] [--json]
  console | gateway | worker [--roles …]      run one process in production

--help after replay or simulate says more. It speaks to the instance that runs on DATA_DIR, or else to DATABASE_URL.
`;

async function main([command = '', ...args]: string[]): Promise<void> {
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (run === undefined) throw new UsageError(command === '' ? '' : `There is no ${command}.`);
  await run(args);
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof UsageError || isArgumentError(error)) {
      process.stderr.write(`${error.message}\n${usage}`);
      process.exit(2);
    }
    // An operator at the terminal may read the whole reason.
    const cause = error instanceof AppError && error.detail ? `\n${error.detail}` : '';
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}${cause}\n`);
    process.exit(1);
  },
);

/** What node:util's parseArgs throws. */
const isArgumentError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
