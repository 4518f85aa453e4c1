import { createApiKey } from "../../../../edge/users/keys.ts";
import type { AssetSpec } from "../../../../schemas/symbol.ts";
import { Client } from "../client.ts";
import { Cluster } from "../cluster.ts";
import type { Parameters } from "../order-maker.ts";
import { settingsOf } from "../processes.ts";
import { OrderLogCheck } from "../referee/order-log-check.ts";
import { comeToRest } from "../rest.ts";
import { SeededRandom } from "../seeded-random.ts";
import { queueBounds } from "../short-queue.ts";
import { calm, weatherOf } from "../weather.ts";
import { World } from "../world.ts";
import { AccountModel, type Body } from "./account-model.ts";
import { extremeOrder } from "./extreme-orders.ts";
import { ASSETS, type ExtremeSymbol, openExtremes, textOf, unitsOf } from "./extreme-venue.ts";
import { Ground, type Player } from "./ground.ts";
import { averageOf, marketAgrees } from "./market-agrees.ts";
import { moneyAgrees } from "./money-agrees.ts";

const PLAYERS = 3;
const FEES_PPM = [0, 1, 1_000, 999_999];
/** The most that may be brought or taken at once, in smallest units. */
const MOST = 10n ** 27n;
const ONE = 10n ** 8n;
const KILLED = ["accounts 1", "accounts 2", "matching 0", "matching 1", "market-data", "order-log"];

/**
 * Trades at random on markets of extreme numbers, one call after the other, in calm weather but for restarts; what the
 * API tells is held to a model of its own and to itself. What was found wrong, in words; and how many fills there were.
 */
export async function runNumbers(
	seed: number,
	steps: number,
): Promise<{ readonly faults: readonly string[]; readonly fills: number }> {
	const random = new SeededRandom(seed);
	const weather = { ...calm(weatherOf(random)), clockSkewMs: 0 };
	const world = new World(random, weather, queueBounds("none"));
	const ground = new Ground(world, new Cluster(world, settingsOf(random, "none")));
	const run = new NumbersRun(ground, seed);
	await run.open();
	for (let step = 0; step < steps && world.faults.length === 0; step += 1) {
		await run.act();
		if (random.chance(0.08)) await run.compare();
		if (random.chance(0.02)) await run.restart();
	}
	if (world.faults.length === 0) await run.end();
	await world.close();
	return { faults: world.faults, fills: ground.timesOf("fill") };
}

class NumbersRun {
	private readonly ground: Ground;
	private readonly random: SeededRandom;
	/** One symbol is traded most, so that its orders meet. */
	private readonly favorite: number;
	private externalIds = 0;

	constructor(ground: Ground, seed: number) {
		this.ground = ground;
		this.random = ground.random;
		this.favorite = seed % ground.symbols.length;
	}

	async open(): Promise<void> {
		const { ground } = this;
		const { world, cluster } = ground;
		cluster.bootAll();
		await world.untilHolds(() => cluster.allReady(), "the exchange starts");
		const venue = cluster.of("venue")?.venue;
		if (venue === undefined) throw new Error("there is no venue");
		await world.until(openExtremes(venue, ground.symbols), "the markets are there");
		await world.time.advance(300);
		for (let i = 0; i < PLAYERS; i += 1) await this.join(`${i}@example.com`);
	}

	/** Any call that changes something. */
	async act(): Promise<void> {
		const { random, ground } = this;
		const player = random.pick(ground.players);
		const index = random.chance(0.6) ? this.favorite : random.below(ground.symbols.length);
		const symbol = ground.symbols[index] as ExtremeSymbol;
		const dice = random.unit();
		if (dice < 0.07) return this.placeAtEdge(player, symbol);
		if (dice < 0.09) return ground.world.time.advance(random.pick([1_000, 5_000]));
		if (dice < 0.13) return this.setFees(symbol, index);
		if (dice < 0.17) return this.moveFunds(player);
		const asked = { symbol: symbol.spec.symbol };
		const open = dice < 0.7 ? [] : await ground.rows(player, "openOrders", asked);
		if (open.length === 0) return this.place(player, symbol, extremeOrder(random, symbol));
		const order = random.pick(open);
		if (dice < 0.78) {
			await ground.call(player, "DELETE", "order", { ...asked, orderId: order.orderId });
		} else if (dice < 0.89) await this.amend(player, symbol, order);
		else await this.replace(player, symbol, order.orderId);
	}

	async compare(): Promise<void> {
		const { ground } = this;
		const open = await moneyAgrees(ground);
		for (const symbol of ground.symbols) {
			await marketAgrees(ground, symbol, open.get(symbol.spec.symbol) ?? []);
		}
	}

	async restart(): Promise<void> {
		const { cluster, world } = this.ground;
		for (const role of KILLED) if (this.random.chance(0.6)) cluster.kill(role);
		await world.untilHolds(() => cluster.allReady(), "all are there again");
		await world.time.advance(3_000);
	}

	/** Nothing is another after one more restart; and every process agrees with the events. */
	async end(): Promise<void> {
		const { world, cluster } = this.ground;
		await this.restart();
		await comeToRest(world, cluster, new OrderLogCheck(world));
		await this.compare();
	}

	private async join(email: string): Promise<void> {
		const { world, cluster, players } = this.ground;
		const services = cluster.of("edge")?.services;
		if (services === undefined) throw new Error("there is no edge");
		const user = { email, passwordHash: "", createdAtMs: 0 };
		const userId = (await world.until(services.users.createUser(user), "a user"))?.userId ?? 0;
		const wanted = {
			...({ userId, type: "hmac", label: "", scopes: ["read", "trade"] } as const),
			...{ ips: [], publicKey: null },
		};
		const { key, secret } = await world.until(
			createApiKey(services, wanted, "simulation"),
			"a key",
		);
		const own = { apiKey: key.apiKey, secret: secret ?? "" };
		const client = new Client(world, cluster, own, () => {});
		const player = { userId, client, model: new AccountModel(), lastTradeIds: new Map() };
		players.push(player);
		for (const asset of ASSETS) {
			for (let n = 1 + this.random.below(3); n > 0; n -= 1) {
				const million = 10n ** BigInt(asset.decimals + 6);
				await this.fund(player, "deposit", asset, this.random.pick([million, MOST, MOST - 1n]));
			}
		}
	}

	private moveFunds(player: Player): Promise<void> {
		const asset = this.random.pick(ASSETS);
		const all = player.model.totalOf(asset.asset) / 10n ** BigInt(8 - asset.decimals);
		const amount = this.random.pick([1n, all / 2n, all, all + 1n, MOST, MOST + 1n]);
		return this.fund(player, this.random.pick(["deposit", "withdraw"]), asset, amount);
	}

	/** @param amount in smallest units */
	private async fund(
		{ userId, model }: Player,
		kind: "deposit" | "withdraw",
		{ asset, assetId, decimals }: AssetSpec,
		amount: bigint,
	): Promise<void> {
		const accounts = this.ground.cluster.of("edge")?.services?.accounts(userId);
		if (accounts === undefined) throw new Error("there is no edge");
		this.externalIds += 1;
		const request = { userId, assetId, amount, externalId: `${this.externalIds}` };
		const { ok } = await this.ground.world.until(accounts[kind](request), kind);
		const units = amount * 10n ** BigInt(8 - decimals);
		if (ok) model.move(asset, kind === "deposit" ? units : -units);
		this.ground.expect(`${kind} of ${amount}`, ok && amount > MOST, false);
	}

	private async place(player: Player, symbol: ExtremeSymbol, order: Parameters): Promise<void> {
		const reply = await this.ground.call(player, "POST", "order", order);
		if (reply.status === 200) await this.placed(player, symbol, order, reply.body);
	}

	private async replace(player: Player, symbol: ExtremeSymbol, cancelOrderId: number) {
		const order = extremeOrder(this.random, symbol);
		const cancelReplaceMode = this.random.pick(["STOP_ON_FAILURE", "ALLOW_FAILURE"]);
		const asked = { ...order, cancelReplaceMode, cancelOrderId };
		const { status, body } = await this.ground.call(player, "POST", "order/cancelReplace", asked);
		const placed = (status === 200 ? body : body.data)?.newOrderResponse;
		if (placed?.orderId !== undefined) await this.placed(player, symbol, order, placed);
	}

	private async amend(player: Player, symbol: ExtremeSymbol, order: Body): Promise<void> {
		const lots = unitsOf(order.origQty) / symbol.lot;
		const wanted = this.random.pick([lots - 1n, lots / 2n, 1n, lots + 1n, lots - lots / 3n]);
		if (wanted === 0n) return;
		const newQty = textOf(wanted * symbol.lot);
		const asked = { symbol: symbol.spec.symbol, orderId: order.orderId, newQty };
		const { status, body } = await this.ground.call(
			player,
			"PUT",
			"order/amend/keepPriority",
			asked,
		);
		if (status === 200) this.ground.expect("an amended qty", body.amendedOrder.qty, newQty);
	}

	/** The answer has the order as it was asked for; its fills make up its sums, and are those of myTrades. */
	private async placed(
		player: Player,
		symbol: ExtremeSymbol,
		order: Parameters,
		body: Body,
	): Promise<void> {
		const { ground } = this;
		const { orderId, origQty, fills } = body;
		// One by quote amount has no quantity but what it traded.
		player.model.place(symbol, orderId, String(order["quantity"] ?? origQty));
		ground.expect("origQty", origQty, order["quantity"] ?? body.executedQty);
		ground.expect("price", body.price, order["price"] ?? textOf(0n));
		let [lots, quote] = [0n, 0n];
		for (const { qty, price } of fills) {
			lots += unitsOf(qty);
			quote += (unitsOf(qty) * unitsOf(price)) / ONE;
			ground.count("fill");
		}
		const sums = `${body.executedQty} ${body.cummulativeQuoteQty}`;
		ground.expect("the sums of the fills", sums, `${textOf(lots)} ${textOf(quote)}`);
		if (order["quoteOrderQty"] !== undefined) {
			const isMore = quote > unitsOf(body.origQuoteOrderQty);
			ground.expect(`${textOf(quote)} are more than ${body.origQuoteOrderQty}`, isMore, false);
		}
		const asked = { symbol: symbol.spec.symbol, orderId };
		const own = (await ground.rows(player, "myTrades", asked)).map(
			({ price, qty, commission, commissionAsset, id }) => ({
				...{ price, qty, commission, commissionAsset, tradeId: id },
			}),
		);
		ground.expect("myTrades", JSON.stringify(own), JSON.stringify(fills));
	}

	/** PERCENT_PRICE_BY_SIDE takes what is on its edge, and nothing beyond. */
	private async placeAtEdge(player: Player, symbol: ExtremeSymbol): Promise<void> {
		const { random, ground } = this;
		const average = await averageOf(ground, symbol);
		const { bidUpPermille, bidDownPermille, askUpPermille, askDownPermille } = symbol.spec.filters;
		const side = random.pick(["BUY", "SELL"]);
		const up = BigInt(side === "BUY" ? bidUpPermille : askUpPermille);
		const down = BigInt(side === "BUY" ? bidDownPermille : askDownPermille);
		if (average === null || up === 0n) return;
		// A price is quote ÷ lots × permille ÷ 1000.
		const each = average.lots * 1_000n;
		const edge = (average.quote * ONE * random.pick([up, down])) / each;
		const ticks = edge / symbol.tick + BigInt(random.below(3) - 1);
		if (ticks < 1n || ticks > symbol.mostTicks) return;
		const price = ticks * symbol.tick;
		const isWithin =
			price * each <= average.quote * ONE * up && price * each >= average.quote * ONE * down;
		const order = {
			...{
				symbol: symbol.spec.symbol,
				side,
				type: "LIMIT",
				timeInForce: random.pick(["GTC", "IOC"]),
			},
			...{ quantity: textOf(symbol.lot), price: textOf(price), newOrderRespType: "FULL" },
		};
		const { status, body } = await ground.call(player, "POST", "order", order);
		const isBeyond = body.msg === "Filter failure: PERCENT_PRICE_BY_SIDE";
		ground.expect(`${side} at ${order.price} of ${textOf(edge)} is within`, !isBeyond, isWithin);
		if (status === 200) await this.placed(player, symbol, order, body);
	}

	/** From here on orders have other rates; those that rest keep theirs. */
	private async setFees(symbol: ExtremeSymbol, index: number): Promise<void> {
		const { random, ground } = this;
		const venue = ground.cluster.of("venue")?.venue;
		if (venue === undefined) throw new Error("there is no venue");
		const rates = { makerFeePpm: random.pick(FEES_PPM), takerFeePpm: random.pick(FEES_PPM) };
		const spec = { ...symbol.spec, ...rates };
		ground.expect("fees", await ground.world.until(venue.setSymbolRules(spec), "fees"), 0);
		await ground.world.time.advance(300);
		ground.symbols[index] = { ...symbol, spec };
	}
}
