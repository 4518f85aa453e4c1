import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { sampleBatch } from "./contract/ledger-samples.ts";
import { PostgresLedger } from "./postgres-ledger.ts";

/** Where nobody listens. */
function closedPort(): number {
	const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
	listener.stop(true);
	return listener.port;
}

test("a commit that is said again and again while the database is away leaves nothing behind", async () => {
	const user = { database: "castle", user: "castle", password: "secret" };
	const ledger = new PostgresLedger({
		...{ host: "127.0.0.1", port: closedPort(), ...user, tls: null },
	});
	const batch = sampleBatch(1, 1);
	const fail = async (times: number) => {
		for (let i = 0; i < times; i += 1) {
			await expect(ledger.commit(1, batch)).rejects.toThrow(LedgerUnavailable);
		}
		Bun.gc(true);
		return heapStats().objectTypeCounts["Array"] ?? 0;
	};
	const before = await fail(50);
	expect((await fail(1_000)) - before).toBeLessThan(500);
	await ledger.close();
});
