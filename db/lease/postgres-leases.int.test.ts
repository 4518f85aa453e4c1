import { runSql, startTestServer } from "../ledger/contract/test-server.ts";
import { leasesContract } from "./leases-contract.ts";
import { PostgresLeases } from "./postgres-leases.ts";

leasesContract("PostgreSQL", async () => {
	const server = await startTestServer();
	const settings = await server.freshDatabase();
	const leases = new PostgresLeases(settings);
	return {
		leases,
		async pass(ms) {
			await runSql(settings, `select pg_sleep(${ms / 1_000})`);
		},
		async close() {
			await leases.close();
			await server.close();
		},
	};
});
