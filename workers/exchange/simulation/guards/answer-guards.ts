import { type Guard, guard } from "./guard.ts";

const CALLERS = "workers/accounts/caller-check.ts";
const START = "workers/accounts/start.ts";
const WORKER = "workers/accounts/worker.ts";
const WRITE_BEHIND = "workers/accounts/write-behind.ts";
const SERVICE = "workers/accounts/service.ts";
const STOPWATCH = "workers/protocol/stopwatch.ts";
const LARGER =
	"return Math.max(clock.nowMs() - moment.wallMs, clock.monotonicMs() - moment.monotonicMs);";

/** Rules of who may answer, when, and how a shard is taken over. */
export const answerGuards: readonly Guard[] = [
	guard(
		"with the ledger away",
		"with the ledger away, trading and reads go on",
		"workers/accounts/worker.ts",
		"		if (sentAt !== null) this.lease.prove(sentAt);\n",
		"",
	),
	guard(
		"user events before answers",
		"the HTTP answer goes out after the user events",
		WORKER,
		"		state.userEvents.publish();\n",
		"		this.options.scheduler.after(30, () => state.userEvents.publish());\n",
	),
	{
		name: "lease",
		rule: "answers anything only while less than 2 s have passed since what proved its epoch",
		patches: [
			{
				file: "workers/protocol/lease.ts",
				find: "return this.proof !== null && sinceMs(this.clock, this.proof) < LEASE_MS;",
				replace: "return this.proof !== null;",
			},
		],
	},
	guard(
		"lease: since a commit was sent",
		"never from the time of the answer",
		WRITE_BEHIND,
		"lease.prove(firstSentAt);",
		"lease.prove(momentOf(clock));",
	),
	guard(
		"lease: since a command was sent",
		"never from the time of reading",
		WORKER,
		"if (sentAt !== null) this.lease.prove(sentAt);",
		"if (sentAt !== null) this.lease.prove({ wallMs: this.options.clock.nowMs(), monotonicMs: this.options.clock.monotonicMs() });",
	),
	guard(
		"lease: monotonic clock",
		"durations are the larger of monotonic and wall clock: a wall clock may be set back",
		STOPWATCH,
		LARGER,
		"return clock.nowMs() - moment.wallMs;",
	),
	guard(
		"lease: wall clock",
		"durations are the larger of monotonic and wall clock: a machine may sleep",
		STOPWATCH,
		LARGER,
		"return clock.monotonicMs() - moment.monotonicMs;",
	),
	guard(
		"unknown before it accepts",
		"before a worker accepts it answers unknown, never not found",
		SERVICE,
		"findOrder: (userId, request) => at((h) => h.reads.find(userId, request)),",
		`findOrder: (userId, request) => {
			if (handlers() !== null) return at((h) => h.reads.find(userId, request));
			const value = { found: false, partition: 0, floorEvSeq: 0 } as const;
			return Promise.resolve({ ok: true, value });
		},`,
	),
	guard(
		"new owner waits",
		"a new owner waits 2 s + 10 % from its last epoch record",
		START,
		"const silent = options.exclusive ? Promise.resolve() : pause(scheduler, TAKE_OVER_WAIT_MS);",
		"const silent = Promise.resolve();",
	),
	{
		name: "new owner waits: from the last partition",
		rule: "a new owner waits from when it has seen its epoch record in the last partition",
		patches: [
			{
				file: START,
				find: "	const endsBefore = await appendEpoch(epochOptions);\n",
				replace: "",
			},
			{
				file: START,
				find: "pause(scheduler, TAKE_OVER_WAIT_MS);\n",
				replace:
					"pause(scheduler, TAKE_OVER_WAIT_MS);\n	const endsBefore = await appendEpoch(epochOptions);\n",
			},
		],
	},
	{
		// Either proof of the epoch is enough.
		name: "beats and empty batches",
		rule: "with nothing to send for 500 ms it sends an empty batch and a beat",
		patches: [
			{
				file: "workers/accounts/beats.ts",
				find: "	if (writer.pending() > 0 || writer.msSinceWrite() < BEAT_AFTER_MS) return;\n",
				replace: "	if (writer.pending() >= 0) return;\n",
			},
			{
				file: WRITE_BEHIND,
				find: "if (this.options.isDirty() || idle) this.send();",
				replace: "if (this.options.isDirty() && idle !== null) this.send();",
			},
		],
	},
	guard(
		"a wrong clock does not start",
		"a worker whose clock is off by more than 500 ms refuses to start",
		"workers/protocol/clock-check.ts",
		"const MAX_CLOCK_ERROR_MS = 500;",
		"const MAX_CLOCK_ERROR_MS = 1e9;",
	),
	{
		name: "settled to the end",
		rule: "settle up to the end of trades, then accept",
		patches: [
			{ file: WORKER, find: "const settledTo = this.follow(taken, settler);", replace: "" },
			{
				file: WORKER,
				find: "await settledTo(await tradesEnds(options));",
				replace: "this.follow(taken, settler);",
			},
		],
	},
	{
		name: "load after raise",
		rule: "raise the epoch, then load the ledger",
		patches: [
			{
				file: START,
				find: "	await lookBefore(options);\n	const { epochOptions",
				replace: `	await lookBefore(options);
	const loaded = await retried(options.scheduler, () => ledger.load(shard));
	const { epochOptions`,
			},
			{
				file: START,
				find: "	const loaded = await asRaised(options, epoch, () => ledger.load(shard));\n",
				replace: "",
			},
		],
	},
	{
		name: "who may answer",
		rule: "a worker answers only for commands of its own epoch, and stops when it sees a higher one",
		patches: [
			{
				file: WORKER,
				find: "if (record.shard === state.shard && record.epoch > epoch) {",
				replace: "if (record.shard === state.shard && record.epoch < 0) {",
			},
			{
				file: WORKER,
				find: "if (record.epoch === epoch) this.answers.settled(settled);",
				replace: "this.answers.settled(settled);",
			},
			{
				file: WORKER,
				find: "if (record.epoch !== epoch || record.seq === 0) return;",
				replace: "if (record.seq === 0) return;",
			},
		],
	},
	guard(
		"signature once",
		"a signature counts once for order calls",
		CALLERS,
		'if (signatureDigest !== "" && this.seen.has(signatureDigest)) {',
		"if (runsOutAtMs < 0) {",
	),
	guard(
		"signatures of before the start",
		"a signature that the worker before may have taken is refused",
		CALLERS,
		'	if (timestampMs < this.notBeforeMs) return { reason: "timestampOutsideWindow" };\n',
		"",
	),
];
