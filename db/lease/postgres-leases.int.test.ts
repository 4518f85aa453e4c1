import { startTestServer } from "../ledger/testing/test-server.ts";
import { leasesContract } from "./leases-contract.ts";
import { PostgresLeases } from "./postgres-leases.ts";

leasesContract("PostgreSQL", async () => {
	const server = await startTestServer();
	const database = await server.freshDatabase();
	const leases = new PostgresLeases(database);
	return {
		leases,
		another: () => new PostgresLeases(database),
		async close() {
			await leases.close();
			await server.close();
		},
	};
});
