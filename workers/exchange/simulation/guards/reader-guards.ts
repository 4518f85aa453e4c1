import { type Guard, guard } from "./guard.ts";

const FINISHED = "workers/accounts/finished-orders.ts";
const ORDER_LOG = "workers/order-log/worker.ts";
const ORDER_LOG_FILE = "db/order-log/order-log-file.ts";
const MARKET = "workers/market-data/partition-market.ts";

/** Rules of those who read `trades`, and of reads. */
export const readerGuards: readonly Guard[] = [
	guard(
		"order log: triggers are written",
		"orders in the order log and the book agree at the same position",
		"workers/order-log/order-changes.ts",
		"return this.change(event.orderId, (order) => triggered(order, record));",
		"return;",
	),
	guard(
		"market data: bars that close are said",
		"a bar closes with the first event at or after its end, and says so",
		"workers/market-data/slow-streams.ts",
		"		entries.push(...this.closed);\n",
		"		entries.push(...this.closed.slice(0, 1));\n",
	),
	guard(
		"market data: best prices are said",
		"depth built from the stream equals the book at that update id",
		"workers/market-data/publisher.ts",
		"				now.bidLots === before.bidLots &&\n",
		"",
	),
	guard(
		"market data: the running second counts",
		"klines and tickers are the sums of their trades",
		"workers/market-data/symbol-market.ts",
		"		if (secondOpenMs >= openTimeMs) window.totals.addTotals(second);\n",
		"",
	),
	{
		name: "order log drops by evSeq",
		rule: "readers drop by evSeq",
		patches: [
			{
				file: ORDER_LOG,
				find: "if (record.evSeq <= this.evSeq) {",
				replace: "if (record.evSeq < 0) {",
			},
			{
				file: ORDER_LOG,
				find: "if (record.evSeq !== this.evSeq + 1 && !isFirstOfLog(record)) {",
				replace: "if (record.evSeq < 0) {",
			},
		],
	},
	{
		name: "market data drops by evSeq",
		rule: "readers drop by evSeq",
		patches: [
			{
				file: MARKET,
				find: "if (record.evSeq <= this.evSeq) {",
				replace: "if (record.evSeq < 0) {",
			},
			{
				file: MARKET,
				find: "if (record.evSeq !== this.evSeq + 1 && !resumesAfter(record, this.evSeq)) {",
				replace: "if (record.evSeq < 0) {",
			},
			{
				file: MARKET,
				find: 'invariant(ts >= this.ts, "the partition\'s time never runs back");',
				replace: "if (ts < this.ts) return;",
			},
		],
	},
	{
		name: "order log never goes back",
		rule: "an older evSeq changes nothing in the order log",
		patches: [
			{ file: ORDER_LOG_FILE, find: "	WHERE ?7 > ev_seq`", replace: "	`" },
			{ file: ORDER_LOG_FILE, find: " AND ev_seq < ?5`", replace: "`" },
			{ file: ORDER_LOG_FILE, find: "	WHERE excluded.ev_seq > positions.ev_seq`", replace: "	`" },
		],
	},
	guard(
		"floor: at the load",
		"below the ledger's evSeq at load, what is not here is unknown, never not found",
		"workers/accounts/state.ts",
		"this.orders.finished.raiseFloor(row.partition, row.evSeq);",
		"",
	),
	{
		// What is kept until the order log has it leaves nothing for the floor to guard, and the floor
		// makes "unknown" of what is dropped too early: either is enough.
		name: "finished orders are kept, or a floor",
		rule: "kept until the order log has passed their evSeq; below what was dropped, unknown",
		patches: [
			{
				file: FINISHED,
				find: "if (head.finishedAtMs > finishedBeforeMs || evSeq > written) break;",
				replace: "if (head.finishedAtMs > finishedBeforeMs) break;",
			},
			{ file: FINISHED, find: "				this.raiseFloor(partition, evSeq);\n", replace: "" },
		],
	},
	guard(
		"the order log reaches the floor",
		"while the order log stands below the floor, what it lacks is unknown",
		"edge/orders/find-order.ts",
		"	await orderLogReaches(services, found.partition, found.floorEvSeq);\n",
		"",
	),
	guard(
		"fills wait for the order log",
		"lists wait for the order log to reach the floor",
		"edge/orders/my-trades.ts",
		"		await orderLogReaches(services, recent.partition, recent.floorEvSeq);\n",
		"",
	),
	guard(
		"worker first, then order log",
		"queries ask the worker first, then the order log",
		"edge/orders/find-order.ts",
		"	const found = await answerOf(",
		`	const early =
		request.orderId > 0
			? await services.orderLog.orderById(userId, request.symbolId, request.orderId)
			: await services.orderLog.orderByClientId(userId, request.symbolId, request.clientOrderId);
	if (early !== null) return early;
	const found = await answerOf(`,
	),
	{
		name: "an unanswered order is unknown",
		rule: "an order whose own event is not settled yet is unknown, not NEW",
		patches: [
			{
				file: "workers/accounts/reads.ts",
				find: "		if (order.status === OrderStatus.Pending) {\n",
				replace: "		if (order.seq < 0) {\n",
			},
			{
				file: "edge/orders/find-order.ts",
				find: "if (found.order.status === OrderStatus.Pending) throw statusUnknown();",
				replace: "",
			},
		],
	},
	{
		name: "snapshots of market data",
		rule: "a snapshot is stored when history has what it leaves out, and used only then",
		patches: [
			{
				file: "workers/market-data/partition-follower.ts",
				find: "		await this.writer.flushed(evSeq);\n",
				replace: "",
			},
			{
				file: "workers/market-data/snapshots.ts",
				find: 'if ((await history.position(this.partition)) < evSeq) return "history is behind it";',
				replace: "",
			},
		],
	},
];
