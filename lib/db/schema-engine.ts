import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** Runs `work` with Prisma's schema engine on one database. */
export async function withSchemaEngine<Value>(
  url: string,
  work: (engine: engineModule.SchemaEngine) => Promise<Value>,
): Promise<Value> {
  instantiate();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    const engine = await engineModule.SchemaEngine.new(
      { datamodels: undefined },
      () => {},
      bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool)),
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

/** Prisma's adapter cuts a script at every semicolon, through function bodies too. */
class WholeScripts extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    // One simple query stays whole, and is one transaction besides.
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(script);
    };
    return adapter;
  }
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
