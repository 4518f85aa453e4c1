/**
 * What Bun itself is told wherever the exchange runs: by `castle`, in the stack, and in the image (`infra/Dockerfile`).
 * There are few processors: what is waited for in the middle of something costs most, and threads that look for
 * something to do take the time of those that have it.
 */
export const BUN_ENVIRONMENT: Readonly<Record<string, string>> = {
	// kafkajs makes Bun warn of its timers, between lines of JSON.
	NODE_NO_WARNINGS: "1",
	// Free memory goes back to the system after 10 s, not 100 ms: what is used ten times a second stays.
	MIMALLOC_PURGE_DELAY: "10000",
	MIMALLOC_PURGE_HOLES: "0",
	// The garbage collector marks on one thread: others would have to get a processor before it can go on.
	BUN_JSC_numberOfGCMarkers: "1",
	// It runs when the heap has grown as it sees fit, not also by Bun's own clock, once a second: each run looks at
	// all that has changed of what lives long.
	BUN_GC_TIMER_DISABLE: "1",
};
