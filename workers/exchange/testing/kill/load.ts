import { ApiClient, type ApiReply } from "../api-client.ts";
import type { RunningExchange, TestUser } from "../running-exchange.ts";

/** An order as its client knows it. */
interface Sent {
	readonly user: number;
	readonly clientOrderId: string;
	/** null while no answer has come: the outcome is unknown. */
	answer: { readonly orderId: number; readonly executedQty: string } | null;
	/** Whether a cancel of it was answered with CANCELED. */
	canceled: boolean;
}

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "ETHBTC"] as const;
const PRICES = { BTCUSDT: 60_000, ETHUSDT: 3_000, ETHBTC: 0.05 } as const;
const QUANTITIES = { BTCUSDT: "0.001", ETHUSDT: "0.01", ETHBTC: "0.01" } as const;
const DECIMALS = { BTCUSDT: 2, ETHUSDT: 2, ETHBTC: 5 } as const;

/** Orders that a client leaves open before it takes its oldest back: far below the bound per user. */
const KEPT = 30;

/**
 * Clients that trade until the exchange dies under them, and afterwards hold it to its word: every
 * answered order is there, what was unknown can be looked up, a retry buys once.
 */
export class KillLoad {
	private readonly exchange: Pick<RunningExchange, "url">;
	private readonly users: readonly TestUser[];
	/** After a call that failed: null ends the client, else it goes on after so many ms. */
	private readonly goOnAfterMs: number | null;
	private readonly sent: (Sent & { readonly symbol: string })[] = [];
	private round = 0;
	answered = 0;
	unknown = 0;
	/** Longest time in a round in which nobody's order was answered. */
	longestSilenceMs = 0;
	private heardAtMs = 0;
	/** Where several loads have the same users, what tells their client ids apart. */
	private readonly name: string;

	constructor(
		exchange: Pick<RunningExchange, "url">,
		users: readonly TestUser[],
		goOnAfterMs: number | null = null,
		name = "",
	) {
		this.name = name;
		this.exchange = exchange;
		this.users = users;
		this.goOnAfterMs = goOnAfterMs;
	}

	/** Trades with this many clients a user until `killed` resolves and the last call has ended. */
	async trade(clientsPerUser: number, killed: Promise<unknown>): Promise<void> {
		this.round += 1;
		this.longestSilenceMs = 0;
		this.heardAtMs = performance.now();
		let over = false;
		const end = () => {
			over = true;
		};
		killed.then(end, end);
		const clients = this.users.flatMap((_, user) =>
			Array.from({ length: clientsPerUser }, (_, n) => this.client(user, n, () => over)),
		);
		await Promise.all(clients);
	}

	/** Orders that were answered since the last `faults` and are not among these client ids. */
	notIn(logged: ReadonlySet<string>): string[] {
		return this.sent
			.filter(({ answer, clientOrderId }) => answer?.orderId && !logged.has(clientOrderId))
			.map(({ clientOrderId }) => `13: ${clientOrderId} was answered and is not in the log`);
	}

	/** Everything that was wrong, in words; empty when the exchange kept its word. */
	async faults(): Promise<string[]> {
		const faults: string[] = [];
		const checkAll = async (user: number) => {
			for (const order of this.sent) if (order.user === user) await this.check(order, faults);
		};
		await Promise.all(this.users.keys().map(checkAll));
		this.sent.length = 0;
		return faults;
	}

	private async client(user: number, n: number, over: () => boolean): Promise<void> {
		const api = this.api(user);
		const placed: (Sent & { readonly symbol: string })[] = [];
		for (let i = 0; !over(); i += 1) {
			const symbol = SYMBOLS[(i + n) % SYMBOLS.length] as (typeof SYMBOLS)[number];
			const sent = {
				user,
				symbol,
				clientOrderId: `${this.name}r${this.round}u${user}c${n}i${i}`,
				answer: null,
				canceled: false,
			};
			this.sent.push(sent);
			try {
				await this.place(api, sent, symbol, i);
				placed.push(sent);
				if (i % 4 === 3) await this.cancel(api, sent);
				if (placed.length > KEPT) await this.cancel(api, placed.shift() as typeof sent);
			} catch {
				// The exchange died under this call: its outcome is unknown.
				if (this.goOnAfterMs === null) return;
				await Bun.sleep(this.goOnAfterMs);
			}
		}
	}

	private async place(
		api: ApiClient,
		sent: Sent,
		symbol: (typeof SYMBOLS)[number],
		i: number,
	): Promise<void> {
		const side = (sent.user + i) % 2 === 0 ? "BUY" : "SELL";
		const away = (1 + ((i * 7) % 5)) * 1e-4 * (i % 3 === 0 ? -1 : 1);
		const price = PRICES[symbol] * (side === "BUY" ? 1 - away : 1 + away);
		const reply = await api.call("POST", "/api/v3/order", {
			symbol,
			side,
			type: "LIMIT",
			timeInForce: i % 5 === 4 ? "IOC" : "GTC",
			quantity: QUANTITIES[symbol],
			price: price.toFixed(DECIMALS[symbol]),
			newClientOrderId: sent.clientOrderId,
		});
		if (reply.status === 200) {
			sent.answer = { orderId: reply.body.orderId, executedQty: reply.body.executedQty };
			this.answered += 1;
			const nowMs = performance.now();
			this.longestSilenceMs = Math.max(this.longestSilenceMs, nowMs - this.heardAtMs);
			this.heardAtMs = nowMs;
		} else if (reply.status < 500) {
			// Refused: it must not exist; forget it unless it shows up.
			sent.answer = { orderId: 0, executedQty: "0" };
		} else {
			throw new Error(`unknown: ${JSON.stringify(reply.body)}`);
		}
	}

	private async cancel(api: ApiClient, sent: Sent & { readonly symbol: string }): Promise<void> {
		const reply = await api.call("DELETE", "/api/v3/order", {
			symbol: sent.symbol,
			origClientOrderId: sent.clientOrderId,
		});
		if (reply.status === 200) sent.canceled = true;
	}

	private async check(sent: Sent & { readonly symbol: string }, faults: string[]): Promise<void> {
		const found = await this.lookUp(sent);
		const name = `${sent.symbol} ${sent.clientOrderId}`;
		if (sent.answer === null) {
			this.unknown += 1;
			return this.retry(sent, found, faults);
		}
		if (sent.answer.orderId === 0) {
			if (found.status === 200) faults.push(`${name} was refused and exists`);
			return;
		}
		if (found.status !== 200) {
			faults.push(`${name} was answered and is gone: ${JSON.stringify(found.body)}`);
			return;
		}
		if (found.body.orderId !== sent.answer.orderId) faults.push(`${name} has another orderId`);
		if (Number(found.body.executedQty) < Number(sent.answer.executedQty)) {
			faults.push(`${name} had executed more than now`);
		}
		if (sent.canceled && found.body.status !== "CANCELED") {
			faults.push(`${name} was canceled and is ${found.body.status}`);
		}
	}

	/** A client that never heard tries again with the same id: it must have exactly one order. */
	private async retry(
		sent: Sent & { readonly symbol: string },
		found: ApiReply,
		faults: string[],
	): Promise<void> {
		const name = `${sent.symbol} ${sent.clientOrderId}`;
		const symbol = sent.symbol as (typeof SYMBOLS)[number];
		const again = await this.api(sent.user).call("POST", "/api/v3/order", {
			symbol,
			side: "BUY",
			type: "LIMIT",
			timeInForce: "GTC",
			quantity: QUANTITIES[symbol],
			price: (PRICES[symbol] * 0.9).toFixed(DECIMALS[symbol]),
			newClientOrderId: sent.clientOrderId,
		});
		if (found.status === 200 && again.body.code !== -2010) {
			faults.push(`${name} exists and was taken a second time: ${JSON.stringify(again.body)}`);
		}
		if (found.status === 200) return;
		if (again.status !== 200) {
			faults.push(`${name} does not exist and cannot be placed: ${JSON.stringify(again.body)}`);
			return;
		}
		// An outage leaves more unknown orders than may rest at a time.
		await this.cancel(this.api(sent.user), sent);
	}

	private lookUp(sent: Sent & { readonly symbol: string }): Promise<ApiReply> {
		return this.api(sent.user).call("GET", "/api/v3/order", {
			symbol: sent.symbol,
			origClientOrderId: sent.clientOrderId,
		});
	}

	/** Takes every open order back, so that the bound on open orders does not end the trading. */
	async clear(): Promise<void> {
		for (const [user] of this.users.entries()) {
			for (const symbol of SYMBOLS) {
				await this.api(user).call("DELETE", "/api/v3/openOrders", { symbol });
			}
		}
	}

	private api(user: number): ApiClient {
		return new ApiClient(this.exchange.url, this.users[user] as TestUser);
	}
}
