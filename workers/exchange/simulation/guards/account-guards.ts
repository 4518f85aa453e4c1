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
	guard(
		"extra of a replace is covered",
		"a replace whose extra is not available is refused",
		"workers/accounts/holds.ts",
		'	if (available < missing) return "insufficientBalance";\n',
		"",
	),
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
		"lease: both clocks",
		"durations are the larger of monotonic and wall clock",
		"workers/protocol/stopwatch.ts",
		"return Math.max(clock.nowMs() - moment.wallMs, clock.monotonicMs() - moment.monotonicMs);",
		"return clock.nowMs() - moment.wallMs;",
	),
	guard(
		"lease: answers from events",
		"an answer is told only while the lease holds",
		ANSWERS,
		"this.ready.push(() => waiting.resolve(this.lease.mayAnswer() ? outcome : UNKNOWN));",
		"this.ready.push(() => waiting.resolve(outcome));",
	),
	guard(
		"new owner waits",
		"a new owner waits 2 s + 10 % from its last epoch record",
		START,
		"if (!options.exclusive) await pause(scheduler, TAKE_OVER_WAIT_MS);",
		"",
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
		"workers/accounts/taking.ts",
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
