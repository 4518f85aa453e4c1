import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Command, CommandKind } from "../schemas/command.ts";
import { commandOf, commandRow } from "../schemas/command-codec.ts";
import { decodeEvents, EventBuffer } from "../schemas/event-words.ts";
import { hasLimitPrice, isStopType, OrderType, Side, TimeInForce } from "../schemas/order.ts";
import { Engine } from "./engine.ts";
import { Auditor } from "./testing/auditor.ts";
import {
	amend,
	BTCUSDT,
	buy,
	cancel,
	cancelAll,
	ETHUSDT,
	replace,
	restore,
	resume,
} from "./testing/commands.ts";
import { commandLine } from "./testing/render.ts";
import { tradingEngine } from "./testing/scenario.ts";

/** What someone wants; which command it becomes depends on what is open when its turn comes. */
type Wish = (engine: Engine) => Command;

const user = fc.integer({ min: 1, max: 4 });
const symbol = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.constant(2), fc.constant(9));
const lots = fc.integer({ min: 1, max: 12 });
const price = fc.integer({ min: 95, max: 105 });

/** Mostly well-formed orders of every type, close to each other. */
const order = fc
	.record({
		userId: user,
		symbolId: symbol,
		side: fc.constantFrom(Side.Buy, Side.Sell),
		type: fc.oneof(
			{ weight: 5, arbitrary: fc.constant(OrderType.Limit) },
			fc.constantFrom(...Object.values(OrderType)),
		),
		timeInForce: fc.oneof(
			{ weight: 3, arbitrary: fc.constant(TimeInForce.Gtc) },
			fc.constantFrom(...Object.values(TimeInForce)),
		),
		byQuote: fc.boolean(),
		priceTicks: price,
		qtyLots: lots,
		capTickLots: fc.integer({ min: 50, max: 1_200 }),
		stopPriceTicks: price,
		displayLots: fc.constantFrom(0, 0, 0, 1, 2, 5),
		stpMode: fc.constantFrom(0, 0, 1, 2, 3, 4, 5),
		makerFeePpm: fc.constantFrom(0, 1_000, 1_000_000),
		wrong: fc.integer({ min: 0, max: 30 }),
	})
	.map(({ userId, wrong, ...o }) => {
		const limit = hasLimitPrice(o.type);
		const byQuote = o.byQuote && o.type === OrderType.Market;
		const hides = o.timeInForce === TimeInForce.Gtc && limit && o.displayLots <= o.qtyLots;
		return buy(userId, wrong === 0 ? -1 : byQuote && o.side === Side.Buy ? 0 : o.qtyLots, 0, {
			...o,
			byQuote,
			priceTicks: wrong === 1 ? 2_000_000 : limit ? o.priceTicks : 0,
			capTickLots: limit || (o.side === Side.Sell && !byQuote) ? 0 : o.capTickLots,
			stopPriceTicks: isStopType(o.type) ? o.stopPriceTicks : 0,
			displayLots: hides ? o.displayLots : 0,
			stpMode: o.stpMode as 0,
		});
	});

const target = fc.record({
	pick: fc.nat(),
	stranger: fc.integer({ min: 0, max: 15 }),
	restriction: fc.constantFrom(0, 0, 0, 1, 2),
});

/** An open order and its owner, now and then a wrong one. */
function aim(engine: Engine, { pick, stranger }: { pick: number; stranger: number }) {
	const open = [...engine.openOrders()];
	const found = open[pick % Math.max(1, open.length)];
	if (found === undefined || stranger === 0) {
		return { orderId: pick % 50, userId: 1, symbolId: 1, leavesLots: 1, qtyLots: 1 };
	}
	const { orderId, userId, symbolId, qtyLots } = found;
	const leavesLots = found.stop ? qtyLots : found.leavesLots;
	return { orderId, userId: stranger === 1 ? 9 : userId, symbolId, leavesLots, qtyLots };
}

const placing = order.map(
	(command): Wish =>
		() =>
			command,
);

const canceling = target.map(
	(t): Wish =>
		(engine) => {
			const { orderId, userId, symbolId } = aim(engine, t);
			return cancel(userId, orderId, { symbolId, restriction: t.restriction as 0 });
		},
);

const amending = fc.tuple(target, lots).map(
	([t, cut]): Wish =>
		(engine) => {
			const { orderId, userId, symbolId, qtyLots } = aim(engine, t);
			return amend(userId, orderId, qtyLots - cut + 1, symbolId);
		},
);

const replacing = fc
	.tuple(target, order, fc.constantFrom(0, 1), fc.integer({ min: 0, max: 9_000 }), fc.boolean())
	.map(
		([t, command, mode, units, free]): Wish =>
			(engine) => {
				const { orderId, userId, symbolId } = aim(engine, t);
				return replace(
					orderId,
					{ ...command, userId, symbolId, hold: { assetId: 2, amount: BigInt(units) } },
					{
						mode: mode as 0,
						cancelRestriction: t.restriction as 0,
						needAmount: free ? 0n : 5_000n,
					},
				);
			},
	);

const sweeping = fc.tuple(user, symbol).map(
	([userId, symbolId]): Wish =>
		() =>
			cancelAll(userId, symbolId),
);

const venue = fc
	.tuple(symbol, fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 4), fc.integer({ min: 0, max: 5 }))
	.map(([symbolId, state, what]): Wish => {
		const kinds: Command[] = [
			{ kind: CommandKind.SetSymbolState, symbolId, state: state as 0 },
			{ kind: CommandKind.Beat },
			{ kind: CommandKind.Tick },
			{ kind: CommandKind.Deposit, userId: 1, assetId: 1, amount: 5n, externalId: "d" },
			{ kind: CommandKind.AddSymbol, symbol: { ...BTCUSDT, symbolId, symbol: `S${symbolId}` } },
			{ kind: CommandKind.SetSymbolRules, symbol: BTCUSDT },
		];
		return () => kinds[what] as Command;
	});

/** Reopens what `venue` closed, so that most of a run trades. */
const opening = fc.constantFrom(1, 2).map((symbolId): Wish => {
	return () => ({ kind: CommandKind.SetSymbolState, symbolId, state: 0 });
});

const wishes: fc.Arbitrary<Wish[]> = fc.array(
	fc.oneof(
		{ weight: 24, arbitrary: placing },
		{ weight: 4, arbitrary: canceling },
		{ weight: 3, arbitrary: amending },
		{ weight: 4, arbitrary: replacing },
		{ weight: 1, arbitrary: sweeping },
		{ weight: 1, arbitrary: venue },
		{ weight: 1, arbitrary: opening },
	),
	{ maxLength: 150, size: "max" },
);

const RUNS = { numRuns: Number(process.env["TWIN_RUNS"] ?? 150), includeErrorInReport: true };

/** Runs `step` for each wish's command; what fails comes with the commands that led there. */
function telling(
	run: readonly Wish[],
	engine: Engine,
	step: (command: Command, at: number) => void,
) {
	const lines: string[] = [];
	for (const [at, wish] of run.entries()) {
		const command = wish(engine);
		lines.push(commandLine(command));
		try {
			step(command, at);
		} catch (error) {
			throw new Error(`${error}\nafter:\n${lines.join("\n")}`);
		}
	}
}

test("both books give the same events and state, and every invariant holds", () => {
	fc.assert(
		fc.property(wishes, (run) => {
			const naive = tradingEngine("naive");
			const fast = tradingEngine("fast");
			const auditor = new Auditor();
			const out = new EventBuffer();
			const other = new EventBuffer();
			telling(run, naive, (command, at) => {
				naive.apply(command, at, out);
				// As it comes out of the log: with what a decoder adds.
				const decoded = commandOf(commandRow(command));
				fast.foresee([decoded]);
				fast.apply(decoded, at, other);
				const words = [...out.words.subarray(0, out.length)];
				expect([...other.words.subarray(0, other.length)]).toEqual(words);
				expect(other.count).toBe(out.count);
				expect(fast.stateHash()).toBe(naive.stateHash());
				auditor.audit(command, decodeEvents(words), fast);
			});
		}),
		RUNS,
	);
}, 60_000);

test("an engine restored from a snapshot has the same state and the same future", () => {
	fc.assert(
		fc.property(wishes, fc.nat(149), fc.boolean(), (run, at, toFast) => {
			const live = tradingEngine("fast");
			const out = new EventBuffer();
			const other = new EventBuffer();
			const commands = run.map((wish) => {
				const command = wish(live);
				live.apply(command, 0, out);
				return command;
			});
			const engine = tradingEngine(toFast ? "naive" : "fast");
			const cut = at % (commands.length + 1);
			for (const command of commands.slice(0, cut)) engine.apply(command, 0, out);
			const restored = Engine.restore(engine.snapshot(), toFast ? "fast" : "naive");
			expect(restored.stateHash()).toBe(engine.stateHash());
			expect([...restored.openOrders()]).toEqual([...engine.openOrders()]);
			for (const command of commands.slice(cut)) {
				engine.apply(command, 0, out);
				restored.apply(command, 0, other);
				expect(other.words.subarray(0, other.length)).toEqual(out.words.subarray(0, out.length));
			}
			expect(restored.snapshot()).toEqual(live.snapshot());
		}),
		RUNS,
	);
}, 60_000);

test("a frozen state is the snapshot of its moment, whatever is applied while it is written", () => {
	fc.assert(
		fc.property(
			...([wishes, fc.nat(149), fc.integer({ min: 1, max: 5 }), fc.boolean()] as const),
			(run, at, ordersInPiece, isFast) => {
				const engine = tradingEngine(isFast ? "fast" : "naive");
				const out = new EventBuffer();
				const apply = (wishes: readonly Wish[]) => {
					for (const wish of wishes) engine.apply(wish(engine), 0, out);
				};
				const cut = at % (run.length + 1);
				apply(run.slice(0, cut));
				const snapshot = engine.snapshot();
				const written: number[] = [];
				let next = cut;
				for (const piece of engine.freeze().pieces(ordersInPiece)) {
					written.push(...piece);
					apply(run.slice(next, next + 2));
					next += 2;
				}
				expect(written).toEqual([...snapshot]);
			},
		),
		RUNS,
	);
}, 60_000);

/** The commands that put an engine's open orders into another. */
function restoring(engine: Engine): Command[] {
	const open = [...engine.openOrders()].sort((a, b) => a.orderId - b.orderId);
	const orders = open.map((order): Command => {
		const { orderId, userId, qtyLots, priceTicks } = order;
		const placed = buy(userId, qtyLots, priceTicks, { ...order });
		if (order.stop) return restore(orderId, placed, { workingAtMs: 0 });
		// What was prevented and not traded is no fill: the flag is all that the book keeps of fills.
		const used = qtyLots - order.leavesLots;
		return restore(orderId, placed, order.traded ? { cumQtyLots: used } : { preventedLots: used });
	});
	// The third is one that a run may add.
	const added = { ...BTCUSDT, symbolId: 9, symbol: "S9" };
	const markets = [BTCUSDT, ETHUSDT, added].flatMap((symbol): Command[] => [
		{ kind: CommandKind.AddSymbol, symbol },
		{
			...{ kind: CommandKind.ResumeMarket, symbolId: symbol.symbolId, lastId: 1_000 },
			lastTicks: engine.lastPrice(symbol.symbolId),
		},
	]);
	return [resume(1_000), ...markets, ...orders];
}

test("both books come back alike from their open orders, with every one of them", () => {
	fc.assert(
		fc.property(wishes, wishes, (run, more) => {
			const lost = tradingEngine("fast");
			const out = new EventBuffer();
			const other = new EventBuffer();
			for (const wish of run) lost.apply(wish(lost), 0, out);
			const naive = new Engine({ partition: 0, book: "naive" });
			const fast = new Engine({ partition: 0, book: "fast" });
			const future = more.map(
				(wish): Wish =>
					() =>
						wish(naive),
			);
			const past = restoring(lost).map(
				(command): Wish =>
					() =>
						command,
			);
			telling([...past, ...future], naive, (command, at) => {
				naive.apply(command, at, out);
				fast.apply(command, at, other);
				expect([...other.words.subarray(0, other.length)]).toEqual([
					...out.words.subarray(0, out.length),
				]);
				expect(fast.stateHash()).toBe(naive.stateHash());
				if (at !== past.length - 1) return;
				const known = (engine: Engine) =>
					[...engine.openOrders()]
						.map((o) => `${o.orderId} ${o.qtyLots} ${o.stop ? "waits" : o.leavesLots}`)
						.sort();
				expect(known(naive)).toEqual(known(lost));
			});
		}),
		RUNS,
	);
}, 60_000);
