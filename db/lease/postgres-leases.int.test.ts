import { startTestServer } from "../ledger/contract/test-server.ts";
import { leasesContract } from "./leases-contract.ts";
import { PostgresLeases } from "./postgres-leases.ts";

leasesContract("PostgreSQL", async () => {
	const server = await startTestServer();
	const leases = new PostgresLeases(await server.freshDatabase());
	return {
		leases,
		async close() {
			await leases.close();
			await server.close();
		},
	};
});
