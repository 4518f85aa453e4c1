import { leasesContract } from "./leases-contract.ts";
import { MemoryLeases } from "./memory-leases.ts";

leasesContract("memory", async () => {
	const leases = new MemoryLeases();
	return { leases, another: () => new MemoryLeases(leases), close: () => leases.close() };
});
