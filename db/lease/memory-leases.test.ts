import { leasesContract } from "./leases-contract.ts";
import { MemoryLeases } from "./memory-leases.ts";

leasesContract("memory", async () => {
	let nowMs = 1_000;
	const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
	return {
		leases: new MemoryLeases(clock),
		async pass(ms) {
			nowMs += ms;
		},
		close: async () => {},
	};
});
