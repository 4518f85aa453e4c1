import type { Command } from "../../schemas/command.ts";
import type { Event, LevelChanged, MarketResumed, Traded } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { hasLimitPrice, Side } from "../../schemas/order.ts";
import { leavesLots, type OrderState } from "../../schemas/order-state.ts";
import type { PriceRow } from "../../schemas/ports/ledger.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { VenueConfig, type VenueConfigState } from "../../schemas/venue-config.ts";
import { DepthBook } from "../shared/depth-book.ts";

/** Prices a hold can be worked out from, in ticks; 0 where none is known. */
export interface ReferencePrices {
	readonly bidTicks: number;
	readonly askTicks: number;
	readonly lastTicks: number;
}

interface SymbolPrices {
	book: DepthBook;
	lastTicks: number;
	lastTradeId: number;
	/** As of the last copy for the ledger. */
	copied: PriceRow;
}

/** What the account worker knows of the venue from `trades`: symbols, and their prices. */
export class MarketView {
	private readonly config: VenueConfig;
	private readonly prices = new Map<number, SymbolPrices>();
	private configChanged = false;

	constructor(config?: VenueConfigState) {
		this.config = new VenueConfig(config);
	}

	symbol(symbolId: number): SymbolSpec | undefined {
		return this.config.symbolById(symbolId);
	}

	/** @throws InvariantViolation when an event names a symbol the log has not added */
	symbolOfEvent(symbolId: number): SymbolSpec {
		const spec = this.config.symbolById(symbolId);
		if (spec === undefined) throw new InvariantViolation(`symbol ${symbolId} is not in the log`);
		return spec;
	}

	hasAsset(assetId: number): boolean {
		return this.config.assetById(assetId) !== undefined;
	}

	/** An event of the venue's own. */
	configure(event: Event, command: Command | null): void {
		if (this.config.hear(event, command)) this.configChanged = true;
	}

	reference(symbolId: number): ReferencePrices {
		const prices = this.prices.get(symbolId);
		return {
			bidTicks: prices?.book.bestBid() ?? 0,
			askTicks: prices?.book.bestAsk() ?? 0,
			lastTicks: prices?.lastTicks ?? 0,
		};
	}

	levelChanged(event: LevelChanged): void {
		this.of(event.symbolId).book.apply(event.side, event.priceTicks, event.qtyLots);
	}

	/** @throws InvariantViolation when a trade id is not the next one of its symbol */
	traded(event: Traded): void {
		const prices = this.of(event.symbolId);
		if (prices.lastTradeId !== 0 && event.tradeId !== prices.lastTradeId + 1) {
			throw new InvariantViolation(
				`trade ${event.tradeId} of symbol ${event.symbolId} follows ${prices.lastTradeId}`,
			);
		}
		prices.lastTradeId = event.tradeId;
		prices.lastTicks = event.priceTicks;
	}

	/** A log that goes on from a lost one: its levels come one by one, what was known is of the lost one. */
	resumed({ symbolId, lastId, lastTicks }: MarketResumed): void {
		const prices = this.of(symbolId);
		prices.book = new DepthBook();
		prices.lastTicks = lastTicks;
		prices.lastTradeId = lastId;
	}

	/**
	 * After a start the levels before the ledger's position are not read again: the best that the ledger
	 * has of each side and the shard's own resting orders stand for them. Each of these prices is in the
	 * book for sure, until its level changes; so the sides do not cross.
	 */
	load(row: PriceRow): void {
		const prices = this.of(row.symbolId);
		// Only which levels there are is asked here, not how much rests at them.
		if (row.bidTicks > 0) prices.book.apply(Side.Buy, row.bidTicks, 1);
		if (row.askTicks > 0) prices.book.apply(Side.Sell, row.askTicks, 1);
		prices.lastTicks = row.lastTicks;
		prices.lastTradeId = row.lastTradeId;
		prices.copied = row;
	}

	/** An own order that was open at the ledger's position. */
	seed(order: OrderState): void {
		if (!hasLimitPrice(order.type) || order.workingAtMs === 0) return;
		this.of(order.symbolId).book.apply(order.side, order.priceTicks, leavesLots(order));
	}

	/** Whether the configuration changed. Prices go with the next batch, whatever it is for. */
	isDirty(): boolean {
		return this.configChanged;
	}

	/** The configuration for the ledger; null when it is as it was at the last copy. */
	takeConfig(): VenueConfigState | null {
		if (!this.configChanged) return null;
		this.configChanged = false;
		return this.config.state();
	}

	/** For the ledger, with the positions: the prices of symbols where they differ from the last copy's. */
	takePrices(): PriceRow[] {
		const changed: PriceRow[] = [];
		for (const [symbolId, prices] of this.prices) {
			const { lastTradeId, copied } = prices;
			const row = { symbolId, ...this.reference(symbolId), lastTradeId };
			if (isSame(row, copied)) continue;
			prices.copied = row;
			changed.push(row);
		}
		return changed;
	}

	private of(symbolId: number): SymbolPrices {
		let prices = this.prices.get(symbolId);
		if (prices === undefined) {
			const nothing = { symbolId, bidTicks: 0, askTicks: 0, lastTicks: 0, lastTradeId: 0 };
			prices = { book: new DepthBook(), lastTicks: 0, lastTradeId: 0, copied: nothing };
			this.prices.set(symbolId, prices);
		}
		return prices;
	}
}

function isSame(a: PriceRow, b: PriceRow): boolean {
	return (
		a.bidTicks === b.bidTicks &&
		a.askTicks === b.askTicks &&
		a.lastTicks === b.lastTicks &&
		a.lastTradeId === b.lastTradeId
	);
}
