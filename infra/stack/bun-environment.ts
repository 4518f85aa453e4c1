/**
 * What Bun itself is told in every process, here and in the image (`infra/Dockerfile`). Processes with few
 * processors among many others: what they wait for in the middle of something costs them most.
 */
export const BUN_ENVIRONMENT: Readonly<Record<string, string>> = {
	// kafkajs makes Bun warn of its timers, between lines of JSON.
	NODE_NO_WARNINGS: "1",
	// Free memory goes back to the system after 10 s, not 100 ms: what is used ten times a second stays.
	MIMALLOC_PURGE_DELAY: "10000",
	MIMALLOC_PURGE_HOLES: "0",
	// The garbage collector marks on one thread: others would have to get a processor before it can go on.
	BUN_JSC_numberOfGCMarkers: "1",
};
