import type { Engine } from "../../../engine/engine.ts";
import type { Traded } from "../../../schemas/event.ts";
import type { AggTrade, PublicTrade } from "../../../schemas/market.ts";
import type { MarketData } from "../../../schemas/ports/market-data.ts";
import type { VenueView } from "../../../schemas/venue-config.ts";
import type { Cluster } from "./cluster.ts";
import { barTextsOf, textOfBar } from "./referee/bar-text.ts";
import { engineFault, levelsText, ownLevelsText } from "./referee/book-text.ts";
import type { ModelSymbol } from "./referee/model-symbol.ts";
import type { OrderLogCheck } from "./referee/order-log-check.ts";
import { ACCOUNT_SHARDS, PARTITIONS } from "./size.ts";
import type { World } from "./world.ts";

const DEPTH = 5_000;
/** So many of the newest trades are asked for. */
const TRADES = 500;
/** At rest so long that every batch, beat and flush has had its turn, ms. */
const QUIET_MS = 1_200;

/**
 * Lets the weather calm down and everything under way come to its end, then asks every process for
 * what it has: all of it must agree (1 to 6, 9, 16 to 19).
 */
export async function comeToRest(
	world: World,
	cluster: Cluster,
	orderLog: OrderLogCheck,
): Promise<void> {
	world.calm();
	cluster.heal();
	const answered = (): boolean =>
		cluster.allReady() &&
		partitions().every((partition) => world.referee.log.unanswered(partition) === 0);
	await world.untilHolds(answered, "everything is answered");
	await world.time.advance(QUIET_MS);
	await world.untilHolds(answered, "everything is answered after a while");
	world.checkWhole();
	world.referee.ledger.clearingIsZero(world.referee.log.ends());
	venuesAgree(world, cluster);
	await audit(world, cluster);
	await marketsAgree(world, cluster);
	await orderLog.check();
}

/** Everyone has the symbols as the events made them. */
function venuesAgree(world: World, cluster: Cluster): void {
	const textOf = (venue: VenueView | undefined) =>
		JSON.stringify(
			venue
				?.symbols()
				.map(({ symbol, state }) => `${symbol}: ${state}`)
				.sort(),
		);
	const due = textOf(world.referee.venue);
	const views = {
		venue: cluster.of("venue")?.venue?.view(),
		"market data": cluster.of("market-data")?.marketData?.marketData.venue,
	};
	for (const [name, view] of Object.entries(views)) {
		if (textOf(view) !== due) world.fault(`17: the ${name} has ${textOf(view)}, the events ${due}`);
	}
}

async function audit(world: World, cluster: Cluster): Promise<void> {
	for (let shard = 1; shard <= ACCOUNT_SHARDS; shard += 1) {
		const service = cluster.of(`accounts ${shard}`)?.accounts?.service;
		if (service === undefined) continue;
		const { checks } = await world.until(service.audit(), "the audit");
		for (const check of checks) {
			for (const fault of check.faults) world.fault(`${check.invariant}: shard ${shard}: ${fault}`);
		}
	}
}

/** Of every symbol, engine and market data have what the events make. */
async function marketsAgree(world: World, cluster: Cluster): Promise<void> {
	const marketData = cluster.of("market-data")?.marketData?.marketData;
	if (marketData === undefined) return;
	for (const symbol of world.referee.market.symbols.values()) {
		const engine = cluster.of(`matching ${symbol.spec.partition}`)?.matching?.engine();
		await bookAgrees(world, symbol, engine, marketData);
		await sumsAgree(world, symbol, marketData);
		await tradesAgree(world, symbol, marketData);
	}
}

/** 16 and 17: the levels of the engine, of market data and of the events are the same; so are the open orders. */
async function bookAgrees(
	world: World,
	model: ModelSymbol,
	engine: Engine | undefined,
	marketData: MarketData,
): Promise<void> {
	const { symbol, symbolId } = model.spec;
	const own = ownLevelsText(model);
	const seen = levelsText(await world.until(marketData.depth(symbolId, DEPTH), "the depth"));
	if (seen !== own) world.fault(`16: ${symbol}: market data has ${seen}, the events ${own}`);
	const fault = engineFault(model, engine);
	if (fault !== null) world.fault(fault);
}

/** 19: the ticker and the bars are the sums of the trades. */
async function sumsAgree(
	world: World,
	{ spec, trades }: ModelSymbol,
	marketData: MarketData,
): Promise<void> {
	const { symbol, symbolId } = spec;
	let lots = 0n;
	let tickLots = 0n;
	for (const { trade } of trades) {
		lots += BigInt(trade.qtyLots);
		tickLots += BigInt(trade.qtyLots) * BigInt(trade.priceTicks);
	}
	const ticker = await world.until(marketData.ticker(symbolId, 86_400_000, 1_000), "the ticker");
	const sums = ticker.volumeLots === lots && ticker.quoteTickLots === tickLots;
	if (!sums || ticker.trades !== trades.length) {
		world.fault(`19: ${symbol}: the ticker has ${ticker.volumeLots} lots, the trades ${lots}`);
	}
	const range = { startMs: null, endMs: null, limit: 1_000 };
	const bars = await world.until(marketData.klines(symbolId, "1s", range, 0), "the klines");
	const barTexts = bars.filter((bar) => bar.trades > 0).map(textOfBar);
	if (barTexts.join() !== barTextsOf(trades).join()) {
		world.fault(`19: ${symbol}: the bars have ${barTexts}, the trades make ${barTextsOf(trades)}`);
	}
}

/** 19: the newest trades are listed as they happened, one by one and merged. */
async function tradesAgree(
	world: World,
	{ spec, trades }: ModelSymbol,
	marketData: MarketData,
): Promise<void> {
	const { symbol, symbolId } = spec;
	const newest = { fromId: null, startMs: null, endMs: null, limit: TRADES };
	const rows = await world.until(marketData.trades(symbolId, newest), "the trades");
	const due = trades.slice(-TRADES).map(({ trade }) => trade);
	const listed = rows.length === due.length && rows.every((row, i) => sameTrade(row, due[i]));
	if (!listed) world.fault(`19: ${symbol}: other trades are listed than happened`);
	const merged = await world.until(marketData.aggTrades(symbolId, newest), "their merging");
	if (!mergedRightly(merged, trades)) {
		world.fault(`19: ${symbol}: the aggregate trades are not its trades, one after the other`);
	}
}

/** Each begins where the one before ended, up to the last trade, and is the sum of its trades. */
function mergedRightly(merged: readonly AggTrade[], trades: ModelSymbol["trades"]): boolean {
	const follows = merged.every((one, i) => {
		const next = merged[i + 1];
		return next === undefined || next.firstTradeId === one.lastTradeId + 1;
	});
	const isSum = merged.every(({ firstTradeId, lastTradeId, priceTicks, qtyLots }) => {
		const those = trades.slice(firstTradeId - 1, lastTradeId).map(({ trade }) => trade);
		const lots = those.reduce((sum, trade) => sum + trade.qtyLots, 0);
		return lots === qtyLots && those.every((trade) => trade.priceTicks === priceTicks);
	});
	return follows && isSum && (merged.at(-1)?.lastTradeId ?? 0) === trades.length;
}

function sameTrade(row: PublicTrade, trade: Traded | undefined): boolean {
	const { tradeId, priceTicks, qtyLots } = row;
	return trade?.tradeId === tradeId && trade.priceTicks === priceTicks && trade.qtyLots === qtyLots;
}

function partitions(): number[] {
	return Array.from({ length: PARTITIONS }, (_, partition) => partition);
}
