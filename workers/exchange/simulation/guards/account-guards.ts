import { type Guard, guard } from "./guard.ts";

const ANSWERS = "workers/accounts/answers.ts";
const BATCH = "workers/accounts/batch.ts";
const CALLERS = "workers/accounts/caller-check.ts";
const IDS = "workers/accounts/client-order-ids.ts";
const MOVEMENTS = "workers/accounts/movements.ts";
const READER = "workers/accounts/trades-reader.ts";
const SETTLE = "workers/accounts/settle.ts";
const START = "workers/accounts/start.ts";
const STATE = "workers/accounts/state.ts";
const TRADING = "workers/accounts/trading.ts";
const WORKER = "workers/accounts/worker.ts";
const WRITE_BEHIND = "workers/accounts/write-behind.ts";
const DATABASE = "db/ledger/memory-database.ts";
const SERVICE = "workers/accounts/service.ts";
const STOPWATCH = "workers/protocol/stopwatch.ts";
const TAKING = "workers/accounts/taking.ts";
const LARGER =
	"return Math.max(clock.nowMs() - moment.wallMs, clock.monotonicMs() - moment.monotonicMs);";

const CLASHES = "return since !== undefined && (since === TAKEN || ts - since < this.keepMs);";

/** Rules of the account worker: settling, answering, client ids. */
export const accountGuards: readonly Guard[] = [
	{
		name: "accounts drop by evSeq",
		rule: "readers drop by evSeq",
		patches: [
			{
				file: READER,
				find: "if (record.evSeq <= this.received) {",
				replace: "if (record.evSeq < 0) {",
			},
			{
				file: READER,
				find: "record.evSeq === this.received + 1,",
				replace: "record.evSeq > 0,",
			},
		],
	},
	guard(
		"price improvement",
		"what a better price saved becomes available at once",
		MOVEMENTS,
		"this.shrink(order, heldBefore, heldBefore - pays);",
		"this.shrink(order, pays, 0n);",
	),
	guard(
		"fees are rounded up",
		"a fee is rounded up to the asset's smallest unit",
		"schemas/fee.ts",
		"+ 999_999n) / 1_000_000n",
		") / 1_000_000n",
	),
	guard(
		"holds are covered",
		"an order that must hold more than is available is refused",
		"workers/accounts/holds.ts",
		'return need.amount > spendable || need.amount <= 0n ? "insufficientBalance" : need;',
		"return need;",
	),
	{
		// The need of a new order is held against what can be spent with the old hold: the same again.
		name: "extra of a replace is covered",
		rule: "a replace whose extra is not available is refused",
		patches: [
			{
				file: "workers/accounts/holds.ts",
				find: '	if (available < missing) return "insufficientBalance";\n',
				replace: "",
			},
			{ file: TRADING, find: "prices, available + oldHeld);", replace: "prices, 1n << 80n);" },
		],
	},
	guard(
		"release once: rejection",
		"a command that placed nothing releases its hold, once",
		SETTLE,
		"		this.movements.releaseAll(before);\n		const after = ended(before, OrderStatus.Rejected,",
		"		const after = ended(before, OrderStatus.Rejected,",
	),
	guard(
		"release once: end",
		"a finished order holds nothing",
		"workers/shared/order-lifecycle.ts",
		"heldAmount: 0n,",
		"heldAmount: order.heldAmount,",
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
		"lease.prove(sentAt);",
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
		"lease: answers from events",
		"an answer is told only while the lease holds",
		ANSWERS,
		"this.ready.push(() => waiting.resolve(this.lease.mayAnswer() ? outcome : UNKNOWN));",
		"this.ready.push(() => waiting.resolve(outcome));",
	),
	guard(
		"unknown before it accepts",
		"before a worker accepts it answers unknown, never not found",
		SERVICE,
		"findOrder: (userId, request) => at((c) => c.reads.find(userId, request)),",
		`findOrder: (userId, request) => {
			if (counter() !== null) return at((c) => c.reads.find(userId, request));
			const value = { found: false, partition: 0, floorEvSeq: 0 } as const;
			return Promise.resolve({ ok: true, value });
		},`,
	),
	guard(
		"user events: the lease",
		"a worker answers anything only while the lease holds: user events, too",
		SERVICE,
		"if (desk === undefined || !desk.answers.mayAnswer()) {",
		"if (desk === undefined) {",
	),
	guard(
		"new owner waits",
		"a new owner waits 2 s + 10 % from its last epoch record",
		START,
		"if (!options.exclusive) await pause(scheduler, TAKE_OVER_WAIT_MS);",
		"",
	),
	{
		name: "new owner waits: from the last partition",
		rule: "a new owner waits from when it has seen its epoch record in the last partition",
		patches: [
			{
				file: START,
				find: "	await checkEnds(options, state);",
				replace:
					"	const waited = pause(scheduler, TAKE_OVER_WAIT_MS);\n	await checkEnds(options, state);",
			},
			{
				file: START,
				find: "if (!options.exclusive) await pause(scheduler, TAKE_OVER_WAIT_MS);",
				replace: "await waited;",
			},
		],
	},
	{
		// Either proof of the epoch is enough.
		name: "beats and empty batches",
		rule: "with nothing to send for 500 ms it sends an empty batch and a beat",
		patches: [
			{
				file: WORKER,
				find: "		if (writer.pending() > 0 || writer.msSinceWrite() < BEAT_AFTER_MS) return;\n",
				replace: "		if (writer.pending() >= 0) return;\n",
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
		"invariant(behindMs <= MAX_CLOCK_ERROR_MS,",
		"invariant(behindMs <= 1e9,",
	),
	guard(
		"answers are settled whole",
		"a longer answer is split, the last part flagged: a position never stands between parts",
		READER,
		"if (!record.last) return null;",
		"if (record.part < 0) return null;",
	),
	guard(
		"withdrawals are covered",
		"a withdrawal pays from available only",
		"workers/accounts/funds-desk.ts",
		"if (state.balances.available(userId, assetId) < amount) {",
		"if (amount < 0n) {",
	),
	guard(
		"STP releases",
		"prevention releases price times prevented at both orders",
		SETTLE,
		"			this.movements.releaseLots(before, event.priceTicks, lots);\n",
		"			this.movements.releaseLots(before, event.priceTicks, 0);\n",
	),
	guard(
		"settled to the end",
		"settle up to the end of trades, then accept",
		WORKER,
		"if (position.tradesOffset >= end) caughtUp();",
		"caughtUp();",
	),
	guard(
		"load after raise",
		"raise the epoch, then load the ledger",
		START,
		`	const epoch = await retried(scheduler, () => ledger.raiseEpoch(shard, 0));
	const loaded = await retried(scheduler, () => ledger.load(shard));`,
		`	const loaded = await retried(scheduler, () => ledger.load(shard));
	const epoch = await retried(scheduler, () => ledger.raiseEpoch(shard, 0));`,
	),
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
		'if (signatureDigest !== "" && this.seen.has(signatureDigest, runsOutAtMs)) {',
		"if (runsOutAtMs < 0) {",
	),
	guard(
		"signatures of before the start",
		"a signature that the worker before may have taken is refused",
		CALLERS,
		'	if (timestampMs < this.notBeforeMs) return { reason: "timestampOutsideWindow" };\n',
		"",
	),
	guard(
		"client ids: open orders",
		"an id is taken while its order is open or unanswered",
		IDS,
		CLASHES,
		"return since !== undefined && since !== TAKEN && ts - since < this.keepMs;",
	),
	guard(
		"client ids: finished lately",
		"an id is taken for 10 minutes after its order finished",
		IDS,
		CLASHES,
		"return since === TAKEN;",
	),
	guard(
		"client ids: kept over a restart",
		"finished ids are kept in the ledger batch",
		STATE,
		"for (const row of loaded.recentClientIds) this.clientIds.load(row);",
		"",
	),
	guard(
		"client ids: open ones over a restart",
		"ids of open orders are taken at a start",
		STATE,
		"if (order.clientIdGiven) this.clientIds.take(order.userId, order.clientOrderId);",
		"",
	),
	guard(
		"client ids: with the command",
		"an id is taken with its command, before any answer",
		TAKING,
		"if (command.clientIdGiven) state.clientIds.take(command.userId, command.clientOrderId);",
		"",
	),
	guard(
		"client ids: none forgotten early",
		"no id is forgotten early",
		IDS,
		"if (row.finishedAtMs > before) return;",
		"if (row.finishedAtMs > before + this.keepMs) return;",
	),
	guard(
		"client ids: written",
		"finished ids are in the ledger batch",
		BATCH,
		"recentClientIds: state.clientIds.takeDirty(),",
		"recentClientIds: state.clientIds.takeDirty().slice(0, 0),",
	),
	guard(
		"deposits and withdrawals once",
		"idempotent by an id from outside",
		"workers/accounts/funds-desk.ts",
		"if (known !== undefined) return this.repeat(known, kind, request);",
		"if (known !== undefined && known.row.amount < 0n) return this.repeat(known, kind, request);",
	),
	guard(
		"external ids over a restart",
		"deposits and withdrawals are remembered in the ledger",
		STATE,
		"for (const row of loaded.externalIds) this.funds.load(row);",
		"",
	),
	guard(
		"withdrawals are held",
		"a withdrawal is held like an order",
		TAKING,
		"			hold(state, partition, record.seq, command.userId, command);\n",
		"",
	),
	guard(
		"an amend releases its cut",
		"the cut of an amend is released by its event",
		SETTLE,
		"		this.movements.releaseCut(before, event.cutLots);\n",
		"",
	),
	guard(
		"client ids: free when rejected",
		"an id whose order was rejected is free at once",
		SETTLE,
		"		if (after.clientIdGiven) this.state.clientIds.free(after.userId, after.clientOrderId);\n",
		"",
	),
	guard(
		"one amend in flight",
		"one amend in flight per order",
		TRADING,
		'		if (target.amendSeq !== 0) return this.refuse({ reason: "amendInFlight" });\n',
		"",
	),
	{
		name: "positions in the transaction",
		rule: "money and positions in one transaction",
		patches: [
			{
				file: DATABASE,
				find: "for (const position of batch.positions) row.positions.set(position.partition, position);",
				replace: `const late = row as unknown as { late?: readonly PositionRow[] };
	for (const position of late.late ?? []) row.positions.set(position.partition, position);
	late.late = batch.positions;`,
			},
		],
	},
	{
		name: "batch guard",
		rule: "UPDATE shard SET batch = n WHERE epoch = e AND batch = n - 1",
		patches: [
			{
				file: DATABASE,
				find: '		if (row.batch >= batch.batch) return "committed";\n',
				replace: "",
			},
			{ file: DATABASE, find: "row.batch === batch.batch - 1,", replace: "row.batch >= 0," },
			{
				file: DATABASE,
				find: "invariant(!row.transfers.has(key),",
				replace: "invariant(row.batch >= 0,",
			},
		],
	},
	guard(
		"epoch in the ledger",
		"a batch of another epoch is not committed",
		DATABASE,
		'		if (row.epoch !== batch.epoch) return "superseded";\n',
		"",
	),
	guard(
		"stop when superseded",
		"another epoch: stop",
		WRITE_BEHIND,
		'if (result === "superseded") {',
		"if (result === undefined) {",
	),
	guard(
		"one batch to the ledger",
		"one transaction at a time per shard",
		WRITE_BEHIND,
		"if (this.stopped || this.inFlight !== null) return;",
		"if (this.stopped) return;",
	),
	guard(
		"the same batch again",
		"outcome unknown: the same batch again",
		WRITE_BEHIND,
		"if (!this.stopped) this.attempt(batch);",
		"if (!this.stopped) this.attempt(this.options.copy(batch.batch));",
	),
	guard(
		"clean at the copy",
		"marked clean in the step of the copy, not at the commit",
		WRITE_BEHIND,
		"		this.inFlight = null;\n",
		"		this.inFlight = null;\n		this.options.copy(this.batch);\n",
	),
	guard(
		"only what the log has: holds",
		"a hold counts from its append's acknowledgement or its first event",
		"workers/accounts/unlogged-holds.ts",
		"if (amount === 0n) return;",
		"if (amount >= 0n) return;",
	),
	guard(
		"only what the log has: orders",
		"an order whose command the log may not have stays dirty",
		"workers/accounts/orders.ts",
		"if (state.seq > loggedSeq(state.partition)) {",
		"if (state.seq < 0) {",
	),
	guard(
		"only what the log has: withdrawals",
		"an external id whose command the log may not have stays dirty",
		"workers/accounts/funds.ts",
		"if (entry.row.seq > loggedSeq(entry.row.partition)) {",
		"if (entry.row.seq < 0) {",
	),
];
