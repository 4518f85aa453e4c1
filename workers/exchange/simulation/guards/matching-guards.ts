import { type Guard, guard } from "./guard.ts";

const WORKER = "workers/matching/worker.ts";
const STATE = "workers/matching/partition-state.ts";
const REPLACE = "engine/cancel-replace.ts";
const STOPS = "engine/stops.ts";

/** Rules of the matching worker and of the engine's answers. */
export const matchingGuards: readonly Guard[] = [
	guard(
		"events: one batch in flight",
		"one batch in flight per partition of trades",
		WORKER,
		"if (this.publishing || this.unpublished.length === 0) return;",
		"if (this.unpublished.length === 0) return;",
	),
	guard(
		"events: repeated until acknowledged",
		"an append to trades is repeated until it is acknowledged",
		WORKER,
		"else scheduler.after(RETRY_MS, () => this.append(records));",
		`else {
					this.publishing = false;
					this.publish();
				}`,
	),
	guard(
		"events: what is missing is published",
		"after replay, publish what trades lacks",
		WORKER,
		"if (before === null) this.unpublished.push(record);\n					else compare(before, record);",
		"if (before !== null) compare(before, record);",
	),
	guard(
		"verified snapshots",
		"a snapshot is taken only when its evSeq is already in trades",
		"workers/matching/snapshot.ts",
		'if (evSeq > published.evSeq) return "ahead of trades";',
		"return null;",
	),
	guard(
		"marks in the snapshot",
		"(epoch, last seq) per shard are part of the snapshot",
		STATE,
		"this.gate = new SequenceGate(marks.shards);",
		"this.gate = new SequenceGate();",
	),
	guard(
		"time of a partition",
		"the time of a partition is the highest ts accepted",
		STATE,
		"this.ts = Math.max(this.ts, line.ts);",
		"this.ts = line.ts;",
	),
	guard(
		"a broken state is read anew",
		"what an engine leaves half done is thrown away",
		WORKER,
		"		await this.catchUp();\n		this.broken = false;",
		"		this.broken = false;",
	),
	guard(
		"a command that broke the engine is tried again",
		"only what breaks a state that was read from the log breaks it for everyone",
		WORKER,
		"		this.broken = true;",
		"		this.broken = true;\n		this.refused.add(this.ordersOffset - 1);",
	),
	guard(
		"a halt is told",
		"a symbol that halts by itself is told as the venue's own",
		STATE,
		"if (symbolId === null) return records;",
		"if (symbolId !== -1) return records;",
	),
	guard(
		"a halt is the venue's own",
		"a symbol that halts by itself is told as the venue's own",
		STATE,
		"this.records({ shard: VENUE_SHARD, epoch,",
		"this.records({ shard: line.shard, epoch,",
	),
	guard(
		"a state is told by its event",
		"the configuration is what the log's events say",
		"schemas/venue-config.ts",
		"return this.apply({ ...event, kind: CommandKind.SetSymbolState });",
		"return command !== null && this.apply(command);",
	),
	guard(
		"no snapshot of a broken state",
		"what an engine leaves half done is thrown away",
		WORKER,
		"if (this.stopped || this.broken || this.publishedEvSeq",
		"if (this.stopped || this.publishedEvSeq",
	),
	guard(
		"the engine looks at the state again",
		"the engine checks the state again: the edge may be stale",
		"engine/market.ts",
		`	private placeRejection(command: PlaceOrder): Rejection {
		if (this.rules.state !== SymbolState.Trading) return Rejection.MarketClosed;`,
		"	private placeRejection(command: PlaceOrder): Rejection {",
	),
	guard(
		"cancel-replace: have against need",
		"if have < need, the new order is rejected",
		REPLACE,
		"if (!isCovered(command, released, unitOf(market, command.side))) return Rejection.HoldTooSmall;",
		"",
	),
	{
		// The account worker and the engine both keep it; either is enough.
		name: "cancel-replace: other side frees nothing",
		rule: "have counts the old hold on the same side only",
		patches: [
			{ file: REPLACE, find: "if (stop.side !== side) return 0;", replace: "" },
			{ file: REPLACE, find: "if (book.sideAt(handle) !== side) return 0;", replace: "" },
			{
				file: "workers/accounts/trading.ts",
				find: "old !== null && old.state.side === place.side ? old.state.heldAmount : 0n;",
				replace: "old !== null ? old.state.heldAmount : 0n;",
			},
		],
	},
	guard(
		"cancel-replace: stop on failure",
		"STOP_ON_FAILURE places nothing when the old order is not in the book",
		REPLACE,
		"} else if (command.mode === CancelReplaceMode.StopOnFailure) {",
		"} else if (command.mode < 0) {",
	),
	guard(
		"stops: by distance",
		"stops trigger by distance of stop price",
		STOPS,
		"other.stopPriceTicks < order.stopPriceTicks === rises;",
		"other.stopPriceTicks < order.stopPriceTicks !== rises;",
	),
	guard(
		"stops: after the command's matching",
		"stops trigger after their command's matching is done, within the same command",
		"engine/market.ts",
		"		this.run(order.type, order.timeInForce, order.byQuote);\n		this.triggerStops();\n",
		"		this.triggerStops();\n		this.fillTaker(orderId, userId, order);\n		this.run(order.type, order.timeInForce, order.byQuote);\n",
	),
];
