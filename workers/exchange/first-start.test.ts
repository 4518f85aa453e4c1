import { expect, test } from "bun:test";
import { Rejection } from "../../schemas/rejection.ts";
import type { AssetSpec, SymbolSpec } from "../../schemas/symbol.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { PARTITIONS, World } from "../venue/testing/world.ts";
import type { VenueWorker } from "../venue/worker.ts";
import { ensureMarkets } from "./first-start.ts";

/** A venue worker's public side that is killed after so many changes. */
function venueThat(config: VenueConfig, diesAfter = Number.POSITIVE_INFINITY) {
	const asked: string[] = [];
	const change = async (what: string, kind: object): Promise<Rejection> => {
		if (asked.length >= diesAfter) throw new Error("killed");
		asked.push(what);
		config.apply(kind as Parameters<VenueConfig["apply"]>[0]);
		return Rejection.None;
	};
	const venue = {
		view: () => config,
		addAsset: (asset: AssetSpec) => change(asset.asset, { kind: 10, asset }),
		addSymbol: (symbol: SymbolSpec) => change(symbol.symbol, { kind: 11, symbol }),
	};
	return { venue: venue as unknown as VenueWorker, asked };
}

test("a new venue gets its assets and markets, spread over the partitions", async () => {
	const config = new VenueConfig();
	const { venue, asked } = venueThat(config);
	expect(await ensureMarkets(venue, 2)).toEqual(["BTCUSDT", "ETHUSDT", "ETHBTC"]);
	expect(asked).toEqual(["BTC", "ETH", "USDT", "BTCUSDT", "ETHUSDT", "ETHBTC"]);
	expect(config.symbols().map((symbol) => symbol.partition)).toEqual([0, 1, 0]);
	expect(config.symbols().map((symbol) => symbol.symbolId)).toEqual([1, 2, 3]);
});

test("killed at any step of the first start, the next one finishes it", async () => {
	for (let step = 0; step < 6; step += 1) {
		const config = new VenueConfig();
		await expect(ensureMarkets(venueThat(config, step).venue, 1)).rejects.toThrow("killed");
		const { venue, asked } = venueThat(config);
		expect(await ensureMarkets(venue, 1)).toEqual(["BTCUSDT", "ETHUSDT", "ETHBTC"]);
		// Assets that are there are said again until there is a market.
		expect(asked.length).toBe(step < 4 ? 6 : 6 - step);
	}
});

test("taken over at any step of the first start, every partition has the assets once the next one is open", async () => {
	for (let afterMs = 0; afterMs < 120; afterMs += 5) {
		const world = new World();
		world.delayMs = () => 5;
		await world.match();
		const first = await world.venue();
		const opened = ensureMarkets(first, PARTITIONS).catch((error: unknown) => error);
		await world.time.advance(afterMs);
		await world.settled(ensureMarkets(await world.venue(), PARTITIONS));
		await world.settled(opened);
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			const config = new VenueConfig();
			for (const { events, command } of world.trades.all(partition)) {
				for (const event of events) config.hear(event, command);
			}
			expect(config.assets().map(({ asset }) => asset)).toEqual(["BTC", "ETH", "USDT"]);
		}
	}
});

test("what an operator added or changed stays", async () => {
	const config = new VenueConfig();
	await ensureMarkets(venueThat(config).venue, 1);
	const [first] = config.symbols() as [SymbolSpec];
	config.apply({ kind: 13, symbol: { ...first, makerFeePpm: 1 } });
	config.apply({ kind: 11, symbol: { ...first, symbolId: 9, symbol: "XY" } });
	const { venue, asked } = venueThat(config);
	expect(await ensureMarkets(venue, 1)).toContain("XY");
	expect(asked).toEqual([]);
	expect(config.symbol("BTCUSDT")?.makerFeePpm).toBe(1);
});

test("a refusal stops the start", async () => {
	const { venue } = venueThat(new VenueConfig());
	const refusing = { ...venue, addAsset: async () => Rejection.InvalidCommand };
	await expect(ensureMarkets(refusing as unknown as VenueWorker, 1)).rejects.toThrow("refused BTC");
});
