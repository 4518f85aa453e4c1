import { type Command, CommandKind } from "../../../schemas/command.ts";
import { type Event, EventKind, type EventRecord } from "../../../schemas/event.ts";
import { Side, type SymbolState } from "../../../schemas/order.ts";
import type { SymbolSpec } from "../../../schemas/symbol.ts";
import { btcUsdt } from "../../../schemas/testing/symbols.ts";

/** A symbol for tests; tick 0.01, lot 0.001. */
export function testSymbol(symbolId: number, symbol: string, partition = 0): SymbolSpec {
	const limits = { maxPriceTicks: 10_000_000, maxQtyLots: 100_000_000 };
	return {
		...{ ...btcUsdt, symbolId, symbol, partition },
		base: { assetId: symbolId * 2, asset: symbol.slice(0, 3), name: "Base", decimals: 8 },
		quote: { assetId: 1, asset: symbol.slice(3), name: "Quote", decimals: 8 },
		lotSize: "0.001",
		quoteUnitsPerTickLot: 1_000,
		baseUnitsPerLot: 100_000,
		...limits,
		filters: {
			...{ ...btcUsdt.filters, ...limits },
			marketMaxQtyLots: limits.maxQtyLots,
			minNotionalTickLots: 0,
			maxNotionalTickLots: 1_000_000_000_000_000,
		},
	};
}

/** One step of a made-up market: how much later, and what happens. */
export interface Step {
	readonly afterMs: number;
	readonly symbolId: number;
	/** Trades of one incoming order: [price in ticks, lots]. */
	readonly trades: readonly (readonly [number, number])[];
	readonly takerSide: Side;
	/** Level changes: [side, price in ticks, lots]. */
	readonly levels: readonly (readonly [Side, number, number])[];
	/** Splits the answer into two records. */
	readonly split: boolean;
}

/** A step in which nothing happens but what is given; of symbol 1 unless told otherwise. */
export function step(over: Partial<Step>): Step {
	return {
		afterMs: 0,
		symbolId: 1,
		trades: [],
		takerSide: Side.Buy,
		levels: [],
		split: false,
		...over,
	};
}

/** Writes records of `trades` as an engine would: every number gapless, all from its steps. */
export class RecordSource {
	ts: number;
	private readonly partition: number;
	private evSeq = 0;
	private orderId = 0;
	private readonly tradeIds = new Map<number, number>();
	private readonly updateIds = new Map<number, number>();

	constructor(ts: number, partition = 0) {
		this.ts = ts;
		this.partition = partition;
	}

	addSymbol(symbol: SymbolSpec): EventRecord[] {
		const { symbolId } = symbol;
		const asset = (spec: SymbolSpec["base"]): EventRecord =>
			this.record({ kind: CommandKind.AddAsset, asset: spec }, [
				{ kind: EventKind.AssetAdded, assetId: spec.assetId },
			]);
		return [
			asset(symbol.base),
			asset(symbol.quote),
			this.record({ kind: CommandKind.AddSymbol, symbol }, [
				{ kind: EventKind.SymbolAdded, symbolId },
			]),
		];
	}

	setState(symbolId: number, state: SymbolState): EventRecord {
		const command = { kind: CommandKind.SetSymbolState, symbolId, state };
		return this.record(command, [{ kind: EventKind.SymbolStateSet, symbolId, state }]);
	}

	tick(afterMs: number): EventRecord {
		this.ts += afterMs;
		return this.record({ kind: CommandKind.Tick }, [{ kind: EventKind.Ticked }]);
	}

	/** The beginning of a log that goes on from one that was lost, after this record and these ids. */
	resume(
		afterMs: number,
		evSeq: number,
		lastId: number,
		symbols: readonly SymbolSpec[],
	): EventRecord[] {
		this.ts += afterMs;
		this.evSeq = evSeq;
		const resumed = this.record(
			{ kind: CommandKind.ResumePartition, evSeq, lastOrderId: evSeq, shards: [] },
			[{ kind: EventKind.PartitionResumed, lastOrderId: evSeq }],
		);
		const records = [resumed, ...symbols.flatMap((symbol) => this.addSymbol(symbol))];
		for (const { symbolId } of symbols) {
			for (const ids of [this.tradeIds, this.updateIds]) ids.set(symbolId, lastId);
			const command = { kind: CommandKind.ResumeMarket, symbolId, lastId, lastTicks: 0 };
			const event = { kind: EventKind.MarketResumed, symbolId, lastId, lastTicks: 0 };
			records.push(this.record(command, [event]));
		}
		return records;
	}

	step(step: Step): EventRecord[] {
		this.ts += step.afterMs;
		this.orderId += 1;
		const { symbolId } = step;
		const events: Event[] = [];
		for (const [priceTicks, qtyLots] of step.trades) {
			events.push({
				kind: EventKind.Traded,
				symbolId,
				tradeId: next(this.tradeIds, symbolId),
				makerOrderId: 1,
				takerOrderId: this.orderId,
				makerUserId: 1,
				takerUserId: 2,
				takerSide: step.takerSide,
				priceTicks,
				qtyLots,
				makerFeePpm: 0,
				takerFeePpm: 0,
				makerLeavesLots: 0,
			});
		}
		for (const [side, priceTicks, qtyLots] of step.levels) {
			const updateId = next(this.updateIds, symbolId);
			events.push({ kind: EventKind.LevelChanged, symbolId, side, priceTicks, qtyLots, updateId });
		}
		const answer: Event = {
			kind: EventKind.OrderAccepted,
			symbolId,
			orderId: this.orderId,
			userId: 2,
		};
		const command: Command = { kind: CommandKind.CancelAllOrders, userId: 2, symbolId };
		if (!step.split) return [this.record(command, [...events, answer])];
		const middle = events.length >>> 1;
		return [
			this.record(command, events.slice(0, middle), 0, false),
			this.record(command, [...events.slice(middle), answer], 1, true),
		];
	}

	private record(command: Command, events: readonly Event[], part = 0, last = true): EventRecord {
		this.evSeq += 1;
		return {
			partition: this.partition,
			evSeq: this.evSeq,
			ts: this.ts,
			shard: 1,
			epoch: 1,
			seq: this.evSeq,
			part,
			last,
			command,
			events,
			hash: this.evSeq.toString(16).padStart(16, "0"),
		};
	}
}

function next(ids: Map<number, number>, symbolId: number): number {
	const id = (ids.get(symbolId) ?? 0) + 1;
	ids.set(symbolId, id);
	return id;
}
