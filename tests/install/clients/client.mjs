// Opens a release as Node programs do (client.py says how it is asked and what it answers).
import { createInterface } from "node:readline";
import { DuckDBInstance } from "@duckdb/node-api";

const file = `${process.argv[2]}/rare_earths.duckdb`;
const SUM = "select sum(production_t_reo) as a from bi.production where year = 2024";
const VERSION = "select version as a from meta.release";

const open = async () => (await DuckDBInstance.create(file, { access_mode: "READ_ONLY" })).connect();
const value = async (connection, sql) => (await connection.runAndReadAll(sql)).getRows()[0][0];
const shown = async (connection) => ({
  version: await value(connection, VERSION),
  sum: await value(connection, SUM),
});

const first = await open();
let refusal = "";
try {
  await first.run("create table bi.mine as select 1 as a");
} catch (error) {
  refusal = error.message;
}
console.log(JSON.stringify({ ...(await shown(first)), refusal }));
for await (const _ of createInterface({ input: process.stdin })) break;
console.log(JSON.stringify(await shown(first)));
console.log(JSON.stringify(await shown(await open())));
first.closeSync();
console.log(JSON.stringify(await shown(await open())));
process.exit(0);
