import { type Guard, guard } from "./guard.ts";

const IDS = "workers/accounts/client-order-ids.ts";
const MOVEMENTS = "workers/accounts/movements.ts";
const READER = "workers/accounts/trades-reader.ts";
const SETTLE = "workers/accounts/settle.ts";
const TRADING = "workers/accounts/trading.ts";
const TAKING = "workers/accounts/taking.ts";
const CLASHES = "return use !== undefined && (use.taken || ts - use.finishedAtMs < this.keepMs);";

/** Rules of the account worker: settling, holds, client ids. */
export const accountGuards: readonly Guard[] = [
	guard(
		"client ids: free after a rejected amend",
		"an id whose order was rejected is free at once",
		"workers/accounts/settle.ts",
		"			this.state.clientIds.free(command.userId, command.clientOrderId);\n",
		"",
	),
	guard(
		"amends end when they are rejected",
		"one amend in flight per order: until it is answered",
		"workers/accounts/orders.ts",
		"else if (tracked.amend?.seq === seq) tracked.amend = null;",
		"",
	),
	guard(
		"amends that a start reads before their orders",
		"one amend in flight per order, over starts",
		"workers/accounts/orders.ts",
		"else this.amendsAhead.set(keyOf(order), amend);",
		"",
	),
	guard(
		"no position past an unanswered amend",
		"one amend in flight per order, over starts",
		"workers/accounts/positions.ts",
		"{ ...row, ...this.amends[partition]?.[0]?.place }",
		"{ ...row }",
	),
	guard(
		"the ledger knows until when an owner may have answered",
		"a signature counts once, over starts",
		"workers/accounts/positions.ts",
		"			row.lastTs = Math.max(row.lastTs, nowMs);\n",
		"",
	),
	guard(
		"amends that are settled are not on their way",
		"one amend in flight per order, over starts",
		"workers/accounts/start.ts",
		"if (isHeld && !(isAmend && record.seq > answeredSeq)) return;",
		"if (isHeld && !isAmend) return;",
	),
	guard(
		"amends end with their own answer",
		"one amend in flight per order: until it is answered itself",
		"workers/accounts/orders.ts",
		"else if (tracked.amend?.seq === seq) tracked.amend = null;",
		"else tracked.amend = null;",
	),
	guard(
		"client ids: free after a rename",
		"an id is free some time after its order went by another",
		"workers/accounts/settle.ts",
		"if (before.clientIdGiven) clientIds.finish(before.userId, before.clientOrderId, record.ts);",
		"",
	),
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
				find: "if (record.evSeq !== this.received + 1) {",
				replace: "if (record.evSeq < 0) {",
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
		"client ids: open orders",
		"an id is taken while its order is open or unanswered",
		IDS,
		CLASHES,
		"return use !== undefined && !use.taken && ts - use.finishedAtMs < this.keepMs;",
	),
	guard(
		"client ids: finished lately",
		"an id is taken for 10 minutes after its order finished",
		IDS,
		CLASHES,
		"return use?.taken === true;",
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
		"deposits and withdrawals once",
		"idempotent by an id from outside",
		"workers/accounts/funds-desk.ts",
		"if (known !== undefined) return this.repeat(known, kind, request);",
		"if (known !== undefined && known.row.amount < 0n) return this.repeat(known, kind, request);",
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
		'		if (target.amend !== null) return this.refuse({ reason: "amendInFlight" });\n',
		"",
	),
];
