import { createApiKey } from "../../../edge/users/keys.ts";
import type { ExchangeCore } from "../core.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { simulatedSignature } from "./simulated-crypto.ts";
import type { World } from "./world.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "ETHBTC"] as const;
type SymbolName = (typeof SYMBOLS)[number];
const PRICE = { BTCUSDT: 60_000, ETHUSDT: 3_000, ETHBTC: 0.05 } as const;
const TICK_DECIMALS = { BTCUSDT: 2, ETHUSDT: 2, ETHBTC: 5 } as const;
const FUNDS = { BTC: 2n, ETH: 40n, USDT: 100_000n } as const;
const STP_MODES = [
	"NONE",
	"EXPIRE_MAKER",
	"EXPIRE_TAKER",
	"EXPIRE_BOTH",
	"DECREMENT",
	"TRANSFER",
] as const;

export interface Reply {
	readonly status: number;
	readonly text: string;
}

/** What a trader was told about one of its orders. */
export interface KnownOrder {
	readonly symbol: SymbolName;
	readonly clientOrderId: string;
	readonly orderId: number;
	readonly executedQty: string;
	readonly status: string;
}

/** A user who trades at random through the edge, and remembers what it was told. */
export class Trader {
	readonly userId: number;
	/** Answered orders, by client id. */
	readonly known = new Map<string, KnownOrder>();
	/** Placed, and never answered: the exchange died, or said that it does not know. */
	readonly unknown = new Map<string, SymbolName>();
	private readonly world: World;
	private readonly random: SeededRandom;
	private readonly apiKey: string;
	private readonly secret: string;
	private names = 0;

	private constructor(
		world: World,
		random: SeededRandom,
		user: { readonly userId: number; readonly apiKey: string; readonly secret: string },
	) {
		this.world = world;
		this.random = random;
		this.userId = user.userId;
		this.apiKey = user.apiKey;
		this.secret = user.secret;
	}

	/** A new user with funds and a key. */
	static async join(world: World, random: SeededRandom, core: ExchangeCore): Promise<Trader> {
		const { edge } = core.operator;
		const email = `${random.below(1e9)}@example.com`;
		const createdAtMs = edge.clock.nowMs();
		const user = await edge.users.createUser({ email, passwordHash: "", createdAtMs });
		if (user === null) throw new Error(`${email} is taken`);
		const { userId } = user;
		for (const [asset, whole] of Object.entries(FUNDS)) {
			const spec = edge.marketData.venue.asset(asset);
			if (spec === undefined) throw new Error(`no asset ${asset}`);
			const amount = whole * 10n ** BigInt(spec.decimals);
			const request = { userId, assetId: spec.assetId, amount, externalId: asset };
			const outcome = await edge.accounts(userId).deposit(request);
			if (!outcome.ok) throw new Error(`deposit refused: ${outcome.refusal.reason}`);
		}
		const wanted = {
			...({ userId, type: "hmac", label: "", scopes: ["read", "trade"] } as const),
			...{ ips: [], publicKey: null },
		};
		const { key, secret } = await createApiKey(edge, wanted, "simulation");
		return new Trader(world, random, { userId, apiKey: key.apiKey, secret: secret ?? "" });
	}

	/** Does something; the reply, which never comes when the exchange is killed before. */
	act(): Promise<Reply> {
		const dice = this.random.unit();
		if (dice < 0.62) return this.place();
		if (dice < 0.76) return this.cancel();
		if (dice < 0.82) return this.amend();
		if (dice < 0.89) return this.replace();
		if (dice < 0.91) return this.call("DELETE", "openOrders", { symbol: this.symbol() });
		if (dice < 0.94) return this.call("GET", "openOrders", {});
		if (dice < 0.97) return this.call("GET", "myTrades", { symbol: this.symbol(), limit: 10 });
		return this.call("GET", "account", {});
	}

	/** Looks an answered order up. By its orderId: an amend may have given it another client id. */
	query({ symbol, orderId }: KnownOrder): Promise<Reply> {
		return this.call("GET", "order", { symbol, orderId });
	}

	/** Looks up what was placed and never answered. */
	queryUnknown(symbol: SymbolName, origClientOrderId: string): Promise<Reply> {
		return this.call("GET", "order", { symbol, origClientOrderId });
	}

	private async place(): Promise<Reply> {
		const order = this.newOrder(this.symbol());
		this.unknown.set(order.newClientOrderId, order.symbol);
		const reply = await this.call("POST", "order", order);
		if (reply.status === 503 || reply.status === 429) return reply;
		this.unknown.delete(order.newClientOrderId);
		if (reply.status === 200) this.remember(order.symbol, JSON.parse(reply.text));
		return reply;
	}

	private async replace(): Promise<Reply> {
		const target = this.someKnown();
		if (target === null) return this.place();
		const order = this.newOrder(target.symbol);
		this.unknown.set(order.newClientOrderId, order.symbol);
		const reply = await this.call("POST", "order/cancelReplace", {
			...order,
			cancelReplaceMode: this.random.pick(["STOP_ON_FAILURE", "ALLOW_FAILURE"]),
			cancelOrderId: target.orderId,
		});
		if (reply.status === 503 || reply.status === 429) return reply;
		this.unknown.delete(order.newClientOrderId);
		const body = JSON.parse(reply.text);
		const placed = (body.data ?? body).newOrderResponse;
		if (placed?.orderId > 0) this.remember(order.symbol, placed);
		return reply;
	}

	private cancel(): Promise<Reply> {
		const target = this.someKnown();
		if (target === null) return this.place();
		return this.call("DELETE", "order", { symbol: target.symbol, orderId: target.orderId });
	}

	private amend(): Promise<Reply> {
		const target = this.someKnown();
		if (target === null) return this.place();
		const newQty = (this.random.below(20) + 1) / 100;
		const { symbol, orderId } = target;
		return this.call("PUT", "order/amend/keepPriority", { symbol, orderId, newQty });
	}

	private newOrder(symbol: SymbolName) {
		this.names += 1;
		const { random } = this;
		const newClientOrderId = `u${this.userId}n${this.names}`;
		const side = random.pick(["BUY", "SELL"]);
		const common = {
			...{ symbol, side, newClientOrderId },
			selfTradePreventionMode: random.pick(STP_MODES),
			newOrderRespType: "RESULT",
		};
		const quantity = (random.below(30) + 1) / 100;
		const price = this.price(symbol, 0.004);
		const dice = random.unit();
		if (dice < 0.1) return { ...common, type: "MARKET", quantity };
		if (dice < 0.15) {
			const spent = PRICE[symbol] * 0.05 * (1 + random.unit());
			return {
				...common,
				type: "MARKET",
				quoteOrderQty: spent.toFixed(symbol === "ETHBTC" ? 6 : 2),
			};
		}
		if (dice < 0.25) return { ...common, type: "LIMIT_MAKER", quantity, price };
		const limit = { ...common, quantity, price };
		if (dice < 0.35) {
			const type = random.pick(["STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]);
			return { ...limit, type, timeInForce: "GTC", stopPrice: this.price(symbol, 0.01) };
		}
		if (dice < 0.4) {
			const type = random.pick(["STOP_LOSS", "TAKE_PROFIT"]);
			return { ...common, type, quantity, stopPrice: this.price(symbol, 0.01) };
		}
		const timeInForce = random.pick(["GTC", "GTC", "GTC", "IOC", "FOK"]);
		const iceberg = timeInForce === "GTC" && random.chance(0.1);
		return {
			...limit,
			type: "LIMIT",
			timeInForce,
			...(iceberg ? { icebergQty: quantity / 2 } : {}),
		};
	}

	private price(symbol: SymbolName, spread: number): string {
		const away = 1 + (this.random.unit() - 0.5) * 2 * spread;
		return (PRICE[symbol] * away).toFixed(TICK_DECIMALS[symbol]);
	}

	private symbol(): SymbolName {
		return this.random.pick(SYMBOLS);
	}

	private someKnown(): KnownOrder | null {
		const recent = [...this.known.values()].slice(-12);
		return recent.length === 0 ? null : this.random.pick(recent);
	}

	private remember(symbol: SymbolName, body: Omit<KnownOrder, "symbol">): void {
		const { clientOrderId, orderId, executedQty, status } = body;
		this.known.set(clientOrderId, { symbol, clientOrderId, orderId, executedQty, status });
	}

	private async call(
		method: string,
		path: string,
		parameters: Readonly<Record<string, string | number>>,
	): Promise<Reply> {
		const { core } = this.world;
		if (core === null) throw new Error("nobody is there to be called");
		const query = Object.entries({ ...parameters, timestamp: this.world.time.nowMs() })
			.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
			.join("&");
		const signed = `${query}&signature=${simulatedSignature(this.secret, query)}`;
		const request = new Request(`http://castle/api/v3/${path}?${signed}`, {
			method,
			headers: { "X-MBX-APIKEY": this.apiKey },
		});
		const response = await core.edge.fetch(request, { ip: "127.0.0.1" });
		return { status: response.status, text: await response.text() };
	}
}
