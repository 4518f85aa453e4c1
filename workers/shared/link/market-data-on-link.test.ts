import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { NoAnswer } from "../../../edge/link/worker-link.ts";
import type { AskedMarketData } from "../../../schemas/link/market-data-methods.ts";
import type { MarketData } from "../../../schemas/ports/market-data.ts";
import { accountSamples, placedSample } from "../../../schemas/testing/account-samples.ts";
import { marketDataSamples } from "../../../schemas/testing/market-data-samples.ts";
import { fillSample } from "../../../schemas/testing/order-samples.ts";
import { btc, btcUsdt, ethBtc, usdt } from "../../../schemas/testing/symbols.ts";
import type { VenueConfigState } from "../../../schemas/venue-config.ts";
import { AccountsOnLink } from "./accounts-on-link.ts";
import { MarketDataOnLink, type ServedMarketData } from "./market-data-on-link.ts";
import { FakeShard } from "./testing/fake-shard.ts";
import { LinkWorld, stateOf } from "./testing/link-world.ts";

const BTC_VENUE = { assets: [btc, usdt], symbols: [btcUsdt] };
/** Of partition 1, which has the assets a command later than partition 0. */
const ETH_VENUE = { assets: [btc], symbols: [{ ...ethBtc, partition: 1 }] };

function one<T>(values: fc.Arbitrary<T>): T {
	return fc.sample(values, { numRuns: 1, seed: 5 })[0] as T;
}

/** Market data whose answers, positions and venue a test gives. */
class FakeMarketData implements ServedMarketData {
	readonly partitions: readonly number[];
	readonly asked: { method: string; args: readonly unknown[] }[] = [];
	readonly evSeqs = [0, 0];
	readonly venues = new Map<number, { evSeq: number; state: VenueConfigState }>();
	answer: unknown = null;
	readonly marketData = new Proxy({} as MarketData, {
		get:
			(_target, method) =>
			(...args: unknown[]) => {
				this.asked.push({ method: String(method), args });
				return this.answer;
			},
	});
	private readonly waits: { partition: number; evSeq: number; done: () => void }[] = [];
	private tell: () => void = () => {};

	constructor(partitions: readonly number[] = [0, 1]) {
		this.partitions = partitions;
		this.venues.set(0, { evSeq: 3, state: BTC_VENUE });
		this.venues.set(1, { evSeq: 2, state: ETH_VENUE });
	}

	evSeq(partition: number): number {
		return this.evSeqs[partition]!;
	}

	whenAt(partition: number, evSeq: number): Promise<void> {
		return new Promise((done) => this.waits.push({ partition, evSeq, done }));
	}

	venueOf(partition: number) {
		const { evSeq, state } = this.venues.get(partition)!;
		return { evSeq, state: () => state };
	}

	onVenueChanged(tell: () => void): () => void {
		this.tell = tell;
		return () => {};
	}

	comeTo(partition: number, evSeq: number): void {
		this.evSeqs[partition] = evSeq;
		for (const wait of this.waits) {
			if (wait.partition === partition && wait.evSeq <= evSeq) wait.done();
		}
	}

	configure(partition: number, evSeq: number, state: VenueConfigState): void {
		this.venues.set(partition, { evSeq, state });
		this.tell();
	}
}

async function linkedWorld() {
	const world = new LinkWorld();
	const market = new FakeMarketData();
	const dialer = await world.worker(new MarketDataOnLink(market));
	return { world, market, dialer };
}

test("every question arrives with its arguments, and its answer comes back", async () => {
	const { world, market } = await linkedWorld();
	for (const [method, { args, value }] of Object.entries(marketDataSamples)) {
		const [, ...rest] = one(args as fc.Arbitrary<unknown[]>);
		const given = [ethBtc.symbolId, ...rest];
		market.answer = one(value as fc.Arbitrary<unknown>);
		const asked = world.gateway.marketData[method as keyof AskedMarketData];
		const told = stateOf(Promise.resolve((asked as (...a: unknown[]) => unknown)(...given)));
		await world.turn();
		expect(market.asked.at(-1)).toEqual({ method, args: given });
		expect(told.now).toStrictEqual(market.answer);
	}
});

test("a question goes to whoever has the symbol's partition", async () => {
	const world = new LinkWorld();
	const markets = [new FakeMarketData([0]), new FakeMarketData([1])];
	for (const market of markets) await world.worker(new MarketDataOnLink(market));
	for (const market of markets) market.answer = one(marketDataSamples.bookTicker.value);
	await Promise.all([world.gateway.marketData.bookTicker(ethBtc.symbolId), world.turn()]);
	expect(markets.map(({ asked }) => asked.length)).toEqual([0, 1]);
});

test("when one that hung comes back and finds that it is succeeded, its successor is asked", async () => {
	const { world, dialer } = await linkedWorld();
	const successor = new FakeMarketData();
	successor.answer = one(marketDataSamples.bookTicker.value);
	await world.worker(new MarketDataOnLink(successor));
	// It dials again before it has looked whose turn it is.
	world.dial.wires[0]!.break();
	await world.time.advance(100);
	expect(world.dial.wires).toHaveLength(3);
	const stopped = dialer.stop();
	await world.turn();
	await stopped;
	const told = stateOf(world.gateway.marketData.bookTicker(btcUsdt.symbolId));
	await world.turn();
	expect(told.now as unknown).toStrictEqual(successor.answer);
});

test("away, or a symbol of nobody: there is no answer", async () => {
	const { world, dialer } = await linkedWorld();
	const { marketData } = world.gateway;
	await expect(marketData.bookTicker(77)).rejects.toBeInstanceOf(NoAnswer);
	const stopped = dialer.stop();
	await world.turn();
	await stopped;
	await expect(marketData.bookTicker(btcUsdt.symbolId)).rejects.toBeInstanceOf(NoAnswer);
	await expect(marketData.averagePrice(btcUsdt.symbolId)).rejects.toBeInstanceOf(NoAnswer);
});

describe("the venue", () => {
	test("is known when the link opens, each symbol by its own partition", async () => {
		const { world } = await linkedWorld();
		const { venue } = world.gateway.marketData;
		expect(venue.symbols()).toEqual([btcUsdt, { ...ethBtc, partition: 1 }]);
		expect(venue.symbol("ETHBTC")?.partition).toBe(1);
		expect(venue.assets()).toEqual([btc, usdt]);
	});

	test("follows each change, and stays when market data goes away", async () => {
		const { world, market, dialer } = await linkedWorld();
		const { venue } = world.gateway.marketData;
		const halted = { ...btcUsdt, state: 1 as const };
		market.configure(0, 9, { ...BTC_VENUE, symbols: [halted] });
		await world.turn();
		expect(venue.symbol("BTCUSDT")).toEqual(halted);
		const stopped = dialer.stop();
		await world.turn();
		await stopped;
		expect(venue.symbol("BTCUSDT")).toEqual(halted);
	});

	test("a worker that is behind does not turn it back", async () => {
		const { world, market } = await linkedWorld();
		market.configure(0, 9, { ...BTC_VENUE, symbols: [{ ...btcUsdt, state: 1 }] });
		await world.turn();
		await world.worker(new MarketDataOnLink(new FakeMarketData()));
		expect(world.gateway.marketData.venue.symbol("BTCUSDT")?.state).toBe(1);
	});
});

test("the gateway is ready when somebody serves every shard and every partition", async () => {
	const world = new LinkWorld();
	const ready = () => world.gateway.ready();
	expect(ready()).toBe(false);
	await world.worker(new MarketDataOnLink(new FakeMarketData([0])));
	await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1), new FakeShard(2, 1)]));
	expect(ready()).toBe(false);
	const second = await world.worker(new MarketDataOnLink(new FakeMarketData([1])));
	expect(ready()).toBe(true);
	const stopped = second.stop();
	await world.turn();
	await stopped;
	await world.turn();
	expect(ready()).toBe(false);
});

test("who serves what the venue does not have is sent away", async () => {
	const world = new LinkWorld();
	await world.worker(new AccountsOnLink(() => [new FakeShard(3, 1)]));
	expect(world.gateway.metrics()).toContain('castle_link_open{service="accounts"} 0\n');
});

test("market data is asked for what account workers have answered, and waits until it has it", async () => {
	const { world, market } = await linkedWorld();
	const shard = new FakeShard(1, 1, [0, 0]);
	await world.worker(new AccountsOnLink(() => [shard]));
	market.answer = one(marketDataSamples.depth.value);
	market.comeTo(1, 10);
	shard.settledUpTo(1, 12);
	const [caller, place] = one(accountSamples.placeOrder.args);
	void world.gateway.accounts(2).placeOrder(caller, place);
	await world.turn();
	shard.answer(one(accountSamples.placeOrder.value));
	await world.turn();
	const told = stateOf(world.gateway.marketData.depth(ethBtc.symbolId, 5));
	const elsewhere = stateOf(world.gateway.marketData.depth(btcUsdt.symbolId, 5));
	await world.turn();
	expect(elsewhere.now as unknown).toEqual(market.answer);
	market.comeTo(1, 11);
	await world.turn();
	expect(told.now).toBe("waiting");
	market.comeTo(1, 12);
	await world.turn();
	expect(told.now as unknown).toEqual(market.answer);
});

test("the average price counts what this gateway has answered, before market data says so", async () => {
	const { world, market } = await linkedWorld();
	const shard = new FakeShard(1, 1);
	await world.worker(new AccountsOnLink(() => [shard]));
	const { marketData } = world.gateway;
	market.answer = {
		mins: 5,
		volumeLots: 10n,
		quoteTickLots: 1_000n,
		lastTicks: 100,
		closeTimeMs: 7,
	};
	market.comeTo(0, 20);
	const first = stateOf(Promise.resolve(marketData.averagePrice(btcUsdt.symbolId)));
	await world.turn();
	expect(first.now as unknown).toEqual(market.answer);
	const fill = { ...one(fillSample), symbolId: btcUsdt.symbolId, evSeq: 21 };
	const traded = { ...fill, priceTicks: 400, qtyLots: 10, ts: 8 };
	const placed = { ...one(placedSample), fills: [traded] };
	const [caller, place] = one(accountSamples.placeOrder.args);
	void world.gateway.accounts(2).placeOrder(caller, place);
	await world.turn();
	shard.answer({ ok: true, value: placed });
	await world.time.advance(1);
	expect(marketData.averagePrice(btcUsdt.symbolId)).toEqual({
		...{ mins: 5, volumeLots: 20n, quoteTickLots: 5_000n, lastTicks: 400, closeTimeMs: 8 },
	});
	const [, replace] = one(accountSamples.cancelReplace.args);
	void world.gateway.accounts(2).cancelReplace(caller, replace);
	await world.turn();
	const again = { ...placed, fills: [{ ...traded, evSeq: 22, ts: 9 }] };
	shard.answer({
		ok: true,
		value: {
			cancel: { result: "notAttempted" },
			place: { result: "success", answer: again },
			orderCounts: [],
		},
	});
	await world.time.advance(1);
	expect(marketData.averagePrice(btcUsdt.symbolId)).toMatchObject({ volumeLots: 30n });
	expect(market.asked).toHaveLength(1);
});
