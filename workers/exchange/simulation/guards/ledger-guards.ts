import { type Guard, guard } from "./guard.ts";

const BATCH = "workers/accounts/batch.ts";
const STATE = "workers/accounts/state.ts";
const WRITE_BEHIND = "workers/accounts/write-behind.ts";
const DATABASE = "db/ledger/memory-database.ts";

/** Rules of the write-behind, and of what a start has from it. */
export const ledgerGuards: readonly Guard[] = [
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
		"if (state.clientIdGiven) this.clientIds.take(state.userId, state.clientOrderId);",
		"",
	),
	guard(
		"client ids: written",
		"finished ids are in the ledger batch",
		BATCH,
		"recentClientIds: state.clientIds.takeDirty(),",
		"recentClientIds: state.clientIds.takeDirty().slice(0, 0),",
	),
	guard(
		"prices: written",
		"best levels and last trades are in the ledger batch",
		BATCH,
		"prices: state.market.takePrices(),",
		"prices: state.market.takePrices().slice(0, 0),",
	),
	guard(
		"prices: over a restart",
		"a start knows the prices of its positions",
		STATE,
		"for (const row of loaded.prices) this.market.load(row);",
		"",
	),
	guard(
		"external ids over a restart",
		"deposits and withdrawals are remembered in the ledger",
		STATE,
		"for (const row of loaded.externalIds) this.funds.load(row);",
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
		"if (!this.stopped) this.attempt(batch, firstSentAt);",
		"if (!this.stopped) this.attempt(this.options.copy(batch.batch), firstSentAt);",
	),
	guard(
		"what the outside owes a shard",
		"deposits less withdrawals of one shard may be below zero",
		"schemas/ports/ledger.ts",
		"return accountId === EXTERNAL_ACCOUNT || accountId <= clearingAccount(0);",
		"return accountId <= clearingAccount(0);",
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
