import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** Runs `work` with Prisma's schema engine on one database. `datamodel` is a Prisma schema, for diffs. */
export async function withSchemaEngine<Value>(
  url: string,
  work: (engine: engineModule.SchemaEngine) => Promise<Value>,
  datamodel?: string,
): Promise<Value> {
  instantiate();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    const engine = await engineModule.SchemaEngine.new(
      { datamodels: datamodel === undefined ? undefined : [['schema.prisma', datamodel]] },
      () => {},
      bindMigrationAwareSqlAdapterFactory(new FaithfulAdapter(pool)),
    );
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    // The engine leaves its advisory lock to the end of the session.
    await pool.end();
  }
}

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>;

/** Prisma's adapter without the two faults that keep it from applying and describing this schema. */
class FaithfulAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    // Its own cuts a script at every semicolon, through function bodies too. One simple query stays
    // whole, and is one transaction besides.
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(script);
    };
    const queryRaw: Adapter['queryRaw'] = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => withoutEmptyCharacters(await queryRaw(query));
    return adapter;
  }
}

/** The type "char" of the catalogue has an empty value, which the engine takes for a failure. */
function withoutEmptyCharacters(result: SqlResultSet): SqlResultSet {
  for (const row of result.rows)
    for (const [column, type] of result.columnTypes.entries())
      if (type === ColumnTypeEnum.Character && row[column] === '') row[column] = '\0';
  return result;
}

let instantiated = false;

/** Node 20 imports no WebAssembly, so what the package's entry file does is done by hand. */
function instantiate(): void {
  if (instantiated) return;
  const glue = createRequire(import.meta.url).resolve(
    '@prisma/schema-engine-wasm/schema_engine_bg',
  );
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(readFileSync(glue.replace(/\.js$/, '.wasm'))),
    // Its functions are what the engine imports, whatever else the module exports.
    { './schema_engine_bg.js': engineModule as unknown as WebAssembly.ModuleImports },
  );
  engineModule.__wbg_set_wasm(exports);
  // Made by wasm-bindgen, for the entry file.
  (exports as { __wbindgen_start(): void }).__wbindgen_start();
  instantiated = true;
}
