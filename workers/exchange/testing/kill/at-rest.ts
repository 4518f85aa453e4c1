import { parseUnits } from "../../../../schemas/decimal.ts";
import { ApiClient } from "../api-client.ts";
import type { RunningExchange, TestUser } from "../running-exchange.ts";

/** A row of `historicalTrades`. */
export interface TradeRow {
	readonly id: number;
	readonly price: string;
	readonly qty: string;
	readonly quoteQty: string;
	readonly isBuyerMaker: boolean;
}

/** A row of `myTrades`. */
export interface FillRow {
	readonly id: number;
	readonly orderId: number;
	readonly price: string;
	readonly qty: string;
	readonly quoteQty: string;
	readonly commission: string;
	readonly commissionAsset: string;
	readonly isBuyer: boolean;
	readonly isMaker: boolean;
}

/** A row of `allOrders`. */
export interface OrderRow {
	readonly orderId: number;
	readonly clientOrderId: string;
	readonly price: string;
	readonly origQty: string;
	readonly executedQty: string;
	readonly cummulativeQuoteQty: string;
	readonly status: string;
	readonly side: "BUY" | "SELL";
}

export interface BalanceRow {
	readonly asset: string;
	readonly free: string;
	readonly locked: string;
}

/** One user's orders and fills on one market, kept up by reading what is new. */
export interface UserMarket {
	readonly user: number;
	readonly symbol: string;
	readonly orders: Map<number, OrderRow>;
	/** Ascending by id. */
	readonly fills: FillRow[];
	open: readonly OrderRow[];
}

export const MARKETS = [
	{ symbol: "BTCUSDT", base: "BTC", quote: "USDT" },
	{ symbol: "ETHUSDT", base: "ETH", quote: "USDT" },
	{ symbol: "ETHBTC", base: "ETH", quote: "BTC" },
] as const;

export const ENDED: readonly string[] = ["FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"];
const PAGE = 1_000;

/** Hundred-millionths, as the API writes every number. */
export function units(text: string): bigint {
	const value = parseUnits(text, 8);
	if (typeof value !== "bigint") throw new Error(`${text} is no amount: ${value}`);
	return value;
}

/**
 * What a running exchange that nobody trades on says over REST: all trades, and all orders, fills and
 * balances of all users there are. Reads on from where it was.
 */
export class AtRest {
	readonly users: readonly TestUser[];
	/** By symbol; trade n is at n - 1 unless ids have gaps. */
	readonly trades = new Map<string, TradeRow[]>();
	readonly markets: UserMarket[] = [];
	/** By user. */
	balances: BalanceRow[][] = [];
	private readonly exchange: Pick<RunningExchange, "url">;

	constructor(exchange: Pick<RunningExchange, "url">, users: readonly TestUser[]) {
		this.exchange = exchange;
		this.users = users;
		for (const { symbol } of MARKETS) {
			this.trades.set(symbol, []);
			for (const [user] of users.entries()) {
				this.markets.push({ user, symbol, orders: new Map(), fills: [], open: [] });
			}
		}
	}

	async read(): Promise<void> {
		for (const { symbol } of MARKETS) await this.readTrades(symbol);
		for (const market of this.markets) await this.readMarket(market);
		this.balances = [];
		for (const [user] of this.users.entries()) {
			const { balances } = await this.get(user, "/api/v3/account", {});
			this.balances.push(balances);
		}
	}

	market(user: number, symbol: string): UserMarket {
		const found = this.markets.find((m) => m.user === user && m.symbol === symbol);
		if (found === undefined) throw new Error(`no user ${user} on ${symbol}`);
		return found;
	}

	/** An answer of the API that needs no signature. */
	// biome-ignore lint/suspicious/noExplicitAny: rows of the API
	async public(path: string, query: string): Promise<any> {
		const { status, body } = await this.api(0).send("GET", path, query);
		if (status !== 200) throw new Error(`${path}?${query}: ${status} ${JSON.stringify(body)}`);
		return body;
	}

	private async readTrades(symbol: string): Promise<void> {
		const known = this.trades.get(symbol) ?? [];
		for (;;) {
			const fromId = (known.at(-1)?.id ?? 0) + 1;
			const query = `symbol=${symbol}&fromId=${fromId}&limit=${PAGE}`;
			const rows: TradeRow[] = await this.public("/api/v3/historicalTrades", query);
			known.push(...rows);
			if (rows.length < PAGE) return;
		}
	}

	private async readMarket(market: UserMarket): Promise<void> {
		const { user, symbol, orders, fills } = market;
		market.open = await this.get(user, "/api/v3/openOrders", { symbol });
		const unfinished = [...orders.values()].filter((order) => !ENDED.includes(order.status));
		const newest = Math.max(0, ...orders.keys());
		let orderId = Math.min(newest + 1, ...unfinished.map((order) => order.orderId));
		for (;;) {
			const rows: OrderRow[] = await this.get(user, "/api/v3/allOrders", {
				...{ symbol, orderId, limit: PAGE },
			});
			for (const row of rows) orders.set(row.orderId, row);
			if (rows.length < PAGE) break;
			orderId = Math.max(...rows.map((row) => row.orderId)) + 1;
		}
		for (;;) {
			const fromId = (fills.at(-1)?.id ?? 0) + 1;
			const rows: FillRow[] = await this.get(user, "/api/v3/myTrades", {
				...{ symbol, fromId, limit: PAGE },
			});
			fills.push(...rows);
			if (rows.length < PAGE) return;
		}
	}

	private async get(user: number, path: string, parameters: Record<string, string | number>) {
		const { status, body } = await this.api(user).call("GET", path, parameters);
		if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
		// biome-ignore lint/suspicious/noExplicitAny: rows of the API
		return body as any;
	}

	private api(user: number): ApiClient {
		return new ApiClient(this.exchange.url, this.users[user] as TestUser);
	}
}
