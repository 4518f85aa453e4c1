import { expect } from "bun:test";
import { ApiClient, type ApiParameters, type ApiReply } from "./api-client.ts";
import type { TestUser } from "./running-exchange.ts";

type Changes = ApiParameters & { readonly side?: "BUY" | "SELL" };

/** A client of one user on one market against USDT. */
export class Trader extends ApiClient {
	readonly base: string;
	readonly symbol: string;
	readonly userId: number;
	readonly key: TestUser;
	/** What a signed request of one's own making carries. */
	readonly headers: Readonly<Record<string, string>>;

	constructor(url: string, user: TestUser, base: string) {
		super(url, user);
		this.base = base;
		this.symbol = `${base}USDT`;
		this.userId = user.userId;
		this.key = user;
		this.headers = { "X-MBX-APIKEY": user.apiKey };
	}

	/** Sends an order of any type, answered in full. */
	order(parameters: Changes): Promise<ApiReply> {
		return this.call("POST", "/api/v3/order", {
			symbol: this.symbol,
			newOrderRespType: "FULL",
			...parameters,
		});
	}

	/** A limit order, GTC, that must be taken; the answer's body. */
	async limit(side: "BUY" | "SELL", quantity: string, price: string, more: ApiParameters = {}) {
		return taken(
			await this.order({ side, type: "LIMIT", timeInForce: "GTC", quantity, price, ...more }),
		);
	}

	/** Any order that must be taken; the answer's body. */
	async placed(parameters: Changes) {
		return taken(await this.order(parameters));
	}

	async cancel(orderId: number, more: ApiParameters = {}) {
		return taken(
			await this.call("DELETE", "/api/v3/order", { symbol: this.symbol, orderId, ...more }),
		);
	}

	/** One order, as GET answers. */
	async find(orderId: number) {
		return taken(await this.call("GET", "/api/v3/order", { symbol: this.symbol, orderId }));
	}

	/** Ids of the open orders, oldest first. */
	async open(): Promise<number[]> {
		const { body } = await this.call("GET", "/api/v3/openOrders", { symbol: this.symbol });
		return body.map((order: { orderId: number }) => order.orderId);
	}

	/** "USDT 9400/600, BASE 100/0": free and locked without trailing zeros. */
	async money(): Promise<string> {
		const { balances } = taken(await this.call("GET", "/api/v3/account"));
		const text = (asset: string) => {
			const line = balances.find((b: { asset: string }) => b.asset === asset);
			expect(line.free).toMatch(/^\d+\.\d{8}$/);
			expect(line.locked).toMatch(/^\d+\.\d{8}$/);
			return `${plain(line.free)}/${plain(line.locked)}`;
		};
		return `USDT ${text("USDT")}, BASE ${text(this.base)}`;
	}
}

/** The body of an answer that must be a success. */
export function taken(reply: ApiReply) {
	expect([reply.status, reply.body]).toEqual([200, reply.body]);
	return reply.body;
}

/** The last price becomes this: someone sells to somebody else. */
export async function trade(maker: Trader, taker: Trader, price: string): Promise<void> {
	await maker.limit("SELL", "1", price);
	const bought = await taker.limit("BUY", "1", price);
	expect(bought.status).toBe("FILLED");
}

function plain(decimal: string): string {
	return decimal.replace(/\.?0+$/, "");
}
