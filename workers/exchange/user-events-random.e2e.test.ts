/**
 * Random orders of every kind by two users who meet, each heard on a session of /ws-api/v3 and by a listen key: events
 * follow one another, are complete when the answer comes, and add up to what REST says of orders, trades and balances.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Dice } from "../accounts/testing/random-requests.ts";
import { type PrintedKey, RunningExchange } from "./testing/running-exchange.ts";
import { StreamClient } from "./testing/stream-client.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { ToldAccount } from "./testing/told-account.ts";
import { type Trader, taken } from "./testing/trader.ts";
import { openWsApi, signedParams } from "./testing/ws-api-client.ts";

const SEED = Number(process.env["USER_EVENTS_SEED"] ?? 1);
const STEPS = Number(process.env["USER_EVENTS_STEPS"] ?? 300);

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

type Params = Record<string, string | number>;
// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
type Body = any;

/** Someone who trades over a session and hears both streams. */
class Player {
	readonly told = new ToldAccount();
	readonly user: Trader;
	private readonly ws: StreamClient;
	private readonly key: PrintedKey;
	private readonly byListenKey: StreamClient;
	private taken = 0;

	private constructor(user: Trader, ws: StreamClient, key: PrintedKey, byListenKey: StreamClient) {
		this.user = user;
		this.ws = ws;
		this.key = key;
		this.byListenKey = byListenKey;
	}

	static async of(user: Trader): Promise<Player> {
		const key = await markets.operator<PrintedKey>("key create", {
			...{ user: String(user.userId), type: "hmac", scopes: "read,trade" },
		});
		const ws = await openWsApi(exchange.url);
		const subscribed = await ws.ask("userDataStream.subscribe.signature", signedParams(key));
		expect(subscribed.result).toEqual({ subscriptionId: 0 });
		const { listenKey } = taken(await user.send("POST", "/api/v3/userDataStream", ""));
		return new Player(user, ws, key, await StreamClient.open(exchange.url, `/ws/${listenKey}`));
	}

	/** Asks, and takes the events that came before the answer. */
	async ask(method: string, params: Params): Promise<Body> {
		const { symbol } = this.user;
		const reply = await this.ws.ask(method, signedParams(this.key, { symbol, ...params }));
		this.hearUpTo(reply);
		return reply.result;
	}

	/** The other stream has told the same, bare. */
	async comparesStreams(): Promise<void> {
		const events = this.ws.frames.flatMap(({ event }) => (event === undefined ? [] : [event]));
		await this.byListenKey.until(() => this.byListenKey.frames.length >= events.length);
		expect(this.byListenKey.frames).toEqual(events);
	}

	private hearUpTo(reply: unknown): void {
		for (; this.ws.frames[this.taken] !== reply; this.taken += 1) {
			const { event } = this.ws.frames[this.taken];
			if (event !== undefined) this.told.hear(event);
		}
	}
}

const MODES = ["NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"];

/** Orders around 100, some of which meet. */
class Orders {
	private readonly dice: Dice;
	private names = 0;

	constructor(dice: Dice) {
		this.dice = dice;
	}

	pick<T>(list: readonly T[]): T {
		return list[this.dice.roll(list.length)] as T;
	}

	name(): Params {
		this.names += 1;
		return this.dice.chance(400) ? { newClientOrderId: `name-${this.names}` } : {};
	}

	next(): Params {
		const { dice } = this;
		const side = this.pick(["BUY", "SELL"]);
		const common: Params = {
			...{ side, selfTradePreventionMode: this.pick(MODES), newOrderRespType: "FULL" },
			...this.name(),
			...(dice.chance(200) ? { strategyId: 7, strategyType: 1_000_001 } : {}),
		};
		const quantity = (0.1 + dice.roll(20) / 10).toFixed(1);
		const price = (100 + (dice.roll(9) - 4) * 0.5).toFixed(2);
		const away = (side === "BUY" ? 1 : -1) * (0.5 + dice.roll(4) * 0.5);
		const stopPrice = (100 + away).toFixed(2);
		const limit: Params = { ...common, type: "LIMIT", quantity, price, timeInForce: "GTC" };
		switch (dice.roll(10)) {
			case 0:
				return { ...common, type: "MARKET", quantity };
			case 1:
				return { ...common, type: "MARKET", quoteOrderQty: String(10 + dice.roll(300)) };
			case 2:
				return { ...limit, timeInForce: this.pick(["IOC", "FOK"]) };
			case 3:
				return { ...limit, quantity: "2.0", icebergQty: "0.5" };
			case 4:
				return { ...common, type: "LIMIT_MAKER", quantity, price };
			case 5:
				return { ...common, type: "STOP_LOSS", quantity, stopPrice };
			case 6:
				return { ...limit, type: "STOP_LOSS_LIMIT", stopPrice };
			default:
				return limit;
		}
	}
}

async function place(player: Player, order: Params): Promise<void> {
	const answer = await player.ask("order.place", order);
	if (answer === undefined) return;
	const { orders, names } = player.told;
	const { X, z, Z } = orders.get(answer.orderId);
	expect([X, z, Z, names.get(answer.orderId)]).toEqual([
		...[answer.status, answer.executedQty, answer.cummulativeQuoteQty, answer.clientOrderId],
	]);
}

async function cancel(player: Player, orderId: number): Promise<void> {
	const answer = await player.ask("order.cancel", { orderId });
	if (answer === undefined) return;
	const { x, c, C } = player.told.orders.get(orderId);
	expect([x, c, C]).toEqual(["CANCELED", answer.clientOrderId, answer.origClientOrderId]);
}

async function amend(player: Player, orderId: number, changes: Params): Promise<void> {
	const answer = await player.ask("order.amend.keepPriority", { orderId, ...changes });
	if (answer === undefined) return;
	const { x, I, q, c, C } = player.told.orders.get(orderId);
	const { qty, clientOrderId, origClientOrderId } = answer.amendedOrder;
	expect([x, I, q, c, C]).toEqual([
		...["REPLACED", answer.executionId, qty, clientOrderId, origClientOrderId],
	]);
}

/** An order as its last report has it, in the words of REST. */
function asOrder(report: Body, clientOrderId: string | undefined): Body {
	return {
		...{ orderId: report.i, clientOrderId, status: report.X, side: report.S, type: report.o },
		...{ timeInForce: report.f, price: report.p, stopPrice: report.P, origQty: report.q },
		...{ executedQty: report.z, cummulativeQuoteQty: report.Z, origQuoteOrderQty: report.Q },
		...{ time: report.O, updateTime: report.T, workingTime: report.W ?? -1 },
		selfTradePreventionMode: report.V,
		...(report.A === undefined ? {} : { preventedQuantity: report.A, preventedMatchId: report.v }),
		...(report.eR === undefined ? {} : { expiryReason: report.eR }),
	};
}

/** A trade as it is told, in the words of REST. */
function asTrade(report: Body): Body {
	return {
		...{ id: report.t, orderId: report.i, price: report.L, qty: report.l, quoteQty: report.Y },
		...{ commission: report.n, commissionAsset: report.N, time: report.T, isMaker: report.m },
	};
}

/** Of a trade with oneself both halves have one id. */
function byTrade(a: Body, b: Body): number {
	return a.id - b.id || a.orderId - b.orderId;
}

test(`events add up to what REST says: seed ${SEED}`, async () => {
	const dice = new Dice(SEED * 7_919);
	const orders = new Orders(dice);
	const { user, maker } = await markets.scene();
	const players = [await Player.of(user), await Player.of(maker)];
	for (let step = 0; step < STEPS; step += 1) {
		const player = orders.pick(players);
		const { open } = player.told;
		const one = open.length === 0 ? null : orders.pick(open);
		const what = one === null ? 0 : dice.roll(20);
		if (what < 13) await place(player, orders.next());
		else if (what < 15) await cancel(player, one.i);
		else if (what < 17) {
			const newQty = Math.max(0.1, Number(one.q) - 0.1 * (1 + dice.roll(3))).toFixed(1);
			await amend(player, one.i, { newQty, ...orders.name() });
		} else if (what < 19) {
			const cancelReplaceMode = orders.pick(["STOP_ON_FAILURE", "ALLOW_FAILURE"]);
			const replace = { ...orders.next(), cancelOrderId: one.i, cancelReplaceMode };
			await player.ask("order.cancelReplace", replace);
		} else if (dice.chance(300)) await player.ask("openOrders.cancelAll", {});
	}
	// What the other did to one's orders is ahead of an answer of one's own.
	for (const player of [...players, ...players]) await player.ask("openOrders.cancelAll", {});
	for (const { told, user: one } of players) {
		for (const [orderId, report] of told.orders) {
			expect(await one.find(orderId)).toMatchObject(asOrder(report, told.names.get(orderId)));
		}
		const { symbol } = one;
		const trades: Body[] = taken(
			await one.call("GET", "/api/v3/myTrades", { symbol, limit: 1_000 }),
		);
		expect(trades.sort(byTrade)).toMatchObject(told.trades.map(asTrade).sort(byTrade));
		const { balances } = taken(await one.call("GET", "/api/v3/account"));
		for (const { asset, free, locked } of balances) {
			const known = told.balances.get(asset);
			if (known !== undefined) expect([asset, known]).toEqual([asset, `${free}/${locked}`]);
		}
	}
	for (const player of players) await player.comparesStreams();
	expect(players.map(({ told }) => told.balances.size)).toEqual([2, 2]);
	expect(players.map(({ told }) => told.trades.length > STEPS / 20)).toEqual([true, true]);
}, 120_000);
