import { askOperator } from "./ask-operator.ts";
import type { PrintedKey, RunningExchange } from "./running-exchange.ts";
import { Trader } from "./trader.ts";

/** Where a running exchange is found. */
export type ExchangeAddress = Pick<RunningExchange, "url" | "dataDir">;

/** The operator's listener, asked without a process of its own: tests make many users and markets. */
export class TestMarkets {
	private readonly exchange: ExchangeAddress;
	private made = 0;

	constructor(exchange: ExchangeAddress) {
		this.exchange = exchange;
	}

	/** Says something as the operator; throws with the answer unless it was done. */
	operator<T = Record<string, unknown>>(
		action: string,
		flags: Readonly<Record<string, string>>,
	): Promise<T> {
		return askOperator<T>(this.exchange.dataDir, action, flags);
	}

	/**
	 * A market against USDT that nobody has traded on: tick 0.01, lot 0.00001, fees 0.1 % on both sides,
	 * at least 5 USDT an order. Its base asset, "AAA", "AAB", …
	 */
	async base(): Promise<string> {
		const letter = (n: number) => String.fromCharCode(65 + n);
		const n = this.made++;
		const asset = `${letter(Math.floor(n / 676))}${letter(Math.floor(n / 26) % 26)}${letter(n % 26)}`;
		await this.operator("asset create", { asset, name: asset });
		await this.operator("symbol create", {
			...{ base: asset, quote: "USDT", tick: "0.01", lot: "0.00001" },
			...{ "max-price": "1000000", "max-qty": "900", "min-notional": "5" },
		});
		return asset;
	}

	/** Someone who trades `base` against USDT. */
	async trader(base: string, deposits: Readonly<Record<string, string>>): Promise<Trader> {
		const { userId } = await this.operator<{ userId: number }>("user create", {
			email: `${crypto.randomUUID()}@example.com`,
			password: "correct horse battery",
		});
		const user = String(userId);
		for (const [asset, amount] of Object.entries(deposits)) {
			await this.operator("deposit", { user, asset, amount, id: `first-${asset}` });
		}
		const key = await this.operator<PrintedKey>("key create", {
			...{ user, type: "hmac", scopes: "read,trade" },
		});
		return new Trader(this.exchange.url, { ...key, userId }, base);
	}

	/** A market, someone to look at with 10,000 USDT and 100 of the base, and two rich others. */
	async scene(): Promise<Scene> {
		const base = await this.base();
		const rich = { USDT: "10000000", [base]: "100000" };
		const [user, maker, taker] = await Promise.all([
			this.trader(base, { USDT: "10000", [base]: "100" }),
			this.trader(base, rich),
			this.trader(base, rich),
		]);
		return { base, symbol: `${base}USDT`, user, maker, taker };
	}
}

export interface Scene {
	readonly base: string;
	readonly symbol: string;
	readonly user: Trader;
	readonly maker: Trader;
	readonly taker: Trader;
}
