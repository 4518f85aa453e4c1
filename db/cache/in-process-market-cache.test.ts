import { InProcessMarketCache } from "./in-process-market-cache.ts";
import { marketCacheContract } from "./market-cache-contract.ts";

marketCacheContract("in process", async () => {
	const shared = new InProcessMarketCache();
	return {
		cache: shared,
		other: shared.another(),
		flush: async () => shared.flush(),
		close: async () => {},
	};
});
