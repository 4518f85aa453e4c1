import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../db/ledger/contract/silent-logger.ts";
import { runSql } from "../../db/ledger/testing/test-server.ts";
import { LOOPBACK } from "../local/free-port.ts";
import { Part, type PartState } from "./part.ts";
import { serverSpecs } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "castle-part-postgres-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("PostgreSQL that is killed is told of, as any other server, and started again", async () => {
	const { specs, environment } = await serverSpecs(folder, () => {}, silentLogger);
	const spec = specs.find(({ name }) => name === "postgres");
	if (spec === undefined) throw new Error("there is no postgres");
	const heard: [PartState, string][] = [];
	const part = new Part(spec, (one, why) => heard.push([one.state, why]));
	part.start();
	await part.untilUp();
	const { pid } = part;
	part.kill();
	await part.until(() => part.state === "ended");
	expect(heard.at(-1)).toEqual(["ended", expect.stringMatching(/^died: /)]);
	expect(part.pid).toBe(0);
	await part.untilUp();
	expect(part.pid).not.toBe(pid);
	await runSql(
		{
			...{ host: LOOPBACK, port: part.port, database: "postgres", user: "castle", tls: null },
			password: environment["POSTGRES_PASSWORD"] as string,
		},
		"select 1",
	);
	await part.stop();
	expect(heard.map(([state]) => state)).toEqual([
		...["starting", "ready", "ended", "starting", "ready", "stopping", "stopped"],
	] as PartState[]);
}, 60_000);
