import { ApiClient } from "../api-client.ts";
import { LocalBook } from "../local-book.ts";
import type { RunningExchange, TestUser } from "../running-exchange.ts";
import { StreamClient } from "../stream-client.ts";
import { type AtRest, ENDED, MARKETS, units } from "./at-rest.ts";

/** How soon a stream must have said everything. */
const COMPLETE_WITHIN_MS = 2_000;

/** An execution report, as far as it is looked at. */
interface Report {
	readonly e: string;
	/** Symbol, order, trade (-1: none), what happened, status, last and cumulative quantity, last price. */
	readonly s: string;
	readonly i: number;
	readonly t: number;
	readonly x: string;
	readonly X: string;
	readonly l: string;
	readonly z: string;
	readonly L: string;
}

/**
 * Clients of the streams from a moment of rest on: trades and books of every market, and every user's
 * events. What they heard must be true of the exchange that starts after the kill: the trades that
 * follow those before, without a hole, and nothing that is not so.
 */
export class KillWitness {
	private readonly venue: AtRest;
	/** Trades there were when it began to listen, by symbol. */
	private readonly before: ReadonlyMap<string, number>;
	private readonly fillsBefore: ReadonlyMap<string, number>;
	/** Orders that were open then, as "user symbol orderId". */
	private readonly openBefore: ReadonlySet<string>;
	private readonly trades: StreamClient;
	private readonly books: readonly LocalBook[];
	private readonly users: readonly StreamClient[];

	private constructor(
		venue: AtRest,
		trades: StreamClient,
		books: readonly LocalBook[],
		users: readonly StreamClient[],
	) {
		this.venue = venue;
		this.before = new Map([...venue.trades].map(([symbol, rows]) => [symbol, rows.length]));
		this.fillsBefore = new Map(
			venue.markets.map(({ user, symbol, fills }) => [`${user} ${symbol}`, fills.length]),
		);
		this.openBefore = new Set(
			venue.markets.flatMap(({ user, symbol, open }) =>
				open.map(({ orderId }) => `${user} ${symbol} ${orderId}`),
			),
		);
		this.trades = trades;
		this.books = books;
		this.users = users;
	}

	/** Connects everything; the venue is at rest and has been read. */
	static async open(exchange: Pick<RunningExchange, "url">, venue: AtRest): Promise<KillWitness> {
		const { url } = exchange;
		const streams = MARKETS.map(({ symbol }) => `${symbol.toLowerCase()}@trade`).join("/");
		const trades = await StreamClient.open(url, `/stream?streams=${streams}`);
		const books = MARKETS.map(({ symbol }) => new LocalBook(url, symbol));
		await Promise.all(books.map((book) => book.open()));
		const users = await Promise.all(venue.users.map((user) => openUser(url, user)));
		return new KillWitness(venue, trades, books, users);
	}

	/** Events that were heard. */
	get heard(): number {
		return [this.trades, ...this.users].reduce((sum, { frames }) => sum + frames.length, 0);
	}

	/** What was heard and is not so, or was skipped; the venue has been read since. */
	faults(): string[] {
		const faults: string[] = [];
		for (const { symbol } of MARKETS) this.checkTrades(symbol, faults);
		for (const user of this.users.keys()) this.checkUser(user, faults);
		for (const [i, book] of this.books.entries()) {
			if (book.fault?.startsWith("gap")) faults.push(`16: ${MARKETS[i]?.symbol}: ${book.fault}`);
		}
		return faults;
	}

	/** What is still to be heard within two seconds; the venue is at rest and has been read. */
	async missing(): Promise<string[]> {
		const faults: string[] = [];
		for (const [user, stream] of this.users.entries()) {
			const all = () => this.unheard(user).length === 0;
			if (all()) continue;
			await stream.until(all, 0, COMPLETE_WITHIN_MS).catch((error: Error) => {
				faults.push(`streams: user ${user} never hears ${this.unheard(user)[0]}: ${error.message}`);
			});
		}
		for (const [i, book] of this.books.entries()) {
			const { symbol } = MARKETS[i] as (typeof MARKETS)[number];
			const depth = await book.depth();
			await Promise.race([book.caughtUp(depth.lastUpdateId), Bun.sleep(COMPLETE_WITHIN_MS)]);
			const kept = { bids: book.side("bids"), asks: book.side("asks") };
			const same = Bun.deepEquals(kept, { bids: depth.bids, asks: depth.asks });
			if (!same) faults.push(`16: the client's book of ${symbol} is another than REST's`);
			if (book.fault !== null) faults.push(`16: ${symbol}: ${book.fault}`);
		}
		return faults;
	}

	async close(): Promise<void> {
		for (const book of this.books) book.close();
		const streams = [this.trades, ...this.users].filter((stream) => stream.closeCode === 0);
		await Promise.all(streams.map((stream) => stream.close()));
	}

	private checkTrades(symbol: string, faults: string[]): void {
		const rows = this.venue.trades.get(symbol) ?? [];
		let id = this.before.get(symbol) ?? 0;
		for (const { data } of this.trades.frames) {
			if (data.s !== symbol) continue;
			id += 1;
			const row = rows[id - 1];
			const same =
				data.t === id &&
				row?.price === data.p &&
				row?.qty === data.q &&
				row?.isBuyerMaker === data.m;
			if (same) continue;
			const said = JSON.stringify(row);
			return void faults.push(`16: ${symbol} heard ${JSON.stringify(data)}, due was ${said}`);
		}
	}

	private checkUser(user: number, faults: string[]): void {
		for (const { symbol } of MARKETS) {
			const market = this.venue.market(user, symbol);
			let at = this.fillsBefore.get(`${user} ${symbol}`) ?? 0;
			const begun = new Set<number>();
			const ended = new Set<number>();
			for (const report of this.reports(user)) {
				if (report.s !== symbol || report.i === -1) continue;
				const name = `user ${user} ${symbol} heard ${JSON.stringify(report)}`;
				if (report.x === "NEW" || this.openBefore.has(`${user} ${symbol} ${report.i}`)) {
					begun.add(report.i);
				}
				if (!begun.has(report.i)) faults.push(`streams: ${name}, and not its beginning`);
				if (ended.has(report.i)) faults.push(`6: ${name} after the order's end`);
				if (ENDED.includes(report.X)) ended.add(report.i);
				const order = market.orders.get(report.i);
				const lost = order === undefined || units(order.executedQty) < units(report.z);
				const undone = ENDED.includes(report.X) && order?.status !== report.X;
				if (lost || undone) faults.push(`13: ${name}, but ${JSON.stringify(order)}`);
				if (report.t < 0) continue;
				const fill = market.fills[at];
				at += 1;
				const same = fill?.id === report.t && fill.price === report.L && fill.qty === report.l;
				if (!same) return void faults.push(`streams: ${name}, due was ${JSON.stringify(fill)}`);
			}
		}
	}

	/** A user's fills since the beginning that no report told of, and ends of orders. */
	private unheard(user: number): string[] {
		const told = new Set<string>();
		for (const { s, i, t, X } of this.reports(user))
			told.add(`${s} trade ${t}`).add(`${s} ${i} ${X}`);
		const unheard: string[] = [];
		for (const { symbol } of MARKETS) {
			const { fills, orders } = this.venue.market(user, symbol);
			for (const { id } of fills.slice(this.fillsBefore.get(`${user} ${symbol}`))) {
				if (!told.has(`${symbol} trade ${id}`)) unheard.push(`${symbol} trade ${id}`);
			}
			for (const [orderId, { status }] of orders) {
				const known = this.openBefore.has(`${user} ${symbol} ${orderId}`);
				const begun = known || told.has(`${symbol} ${orderId} NEW`);
				if (begun && status !== "NEW" && !told.has(`${symbol} ${orderId} ${status}`)) {
					unheard.push(`${symbol} order ${orderId} ${status}`);
				}
			}
		}
		return unheard;
	}

	private reports(user: number): Report[] {
		const frames = (this.users[user]?.frames ?? []) as Report[];
		return frames.filter((frame) => frame.e === "executionReport");
	}
}

async function openUser(url: string, user: TestUser): Promise<StreamClient> {
	const { body } = await new ApiClient(url, user).send("POST", "/api/v3/userDataStream", "");
	return StreamClient.open(url, `/ws/${body.listenKey}`);
}
