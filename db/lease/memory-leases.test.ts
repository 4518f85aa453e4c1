import { leasesContract } from "./leases-contract.ts";
import { MemoryLeases } from "./memory-leases.ts";

leasesContract("memory", async () => ({ leases: new MemoryLeases(), close: async () => {} }));
