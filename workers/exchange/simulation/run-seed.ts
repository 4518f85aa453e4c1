import { invariant } from "../../../schemas/invariant.ts";
import { RunningHash } from "../../../schemas/running-hash.ts";
import type { ExchangeCore } from "../core.ts";
import { SeededRandom } from "./seeded-random.ts";
import { Trader } from "./trader.ts";
import { type Weather, World } from "./world.ts";

/** What became of a seed. */
export interface SeedReport {
	/** Over every reply, every record of `trades` and the balances at the end. */
	readonly trace: string;
	/** In words; none when the exchange kept its word. */
	readonly faults: readonly string[];
	readonly calls: number;
	readonly answered: number;
	readonly kills: number;
	readonly trades: number;
	/** How often each HTTP status was answered. */
	readonly statuses: ReadonlyMap<number, number>;
}

const TRADERS = 4;
const DEPTH = 5_000;

/**
 * The whole exchange under one seed: a few users trade through the edge, the world loses and doubles
 * what it may, the exchange is killed between any two steps and started again, and at every rest the
 * invariants are checked. The same seed gives the same trace.
 */
export async function runSeed(seed: number, operations: number): Promise<SeedReport> {
	return new Run(seed, operations).run();
}

class Run {
	private readonly random: SeededRandom;
	private readonly world: World;
	private readonly operations: number;
	private readonly killOdds: number;
	private readonly trace = new RunningHash();
	private readonly statuses = new Map<number, number>();
	private traders: Trader[] = [];
	private calls = 0;
	private answered = 0;
	private kills = 0;

	constructor(seed: number, operations: number) {
		this.random = new SeededRandom(seed);
		this.world = new World(this.random, weatherOf(this.random));
		this.operations = operations;
		this.killOdds = this.random.pick([0, 0.005, 0.02]);
	}

	async run(): Promise<SeedReport> {
		const core = await this.world.boot();
		for (let i = 0; i < TRADERS; i += 1) {
			const joining = Trader.join(this.world, this.random, core);
			this.traders.push(await this.world.until(joining, "a trader joins"));
		}
		while (this.calls < this.operations) await this.turn();
		await this.rest();
		return {
			trace: await this.closeTrace(),
			faults: this.world.faults,
			calls: this.calls,
			answered: this.answered,
			kills: this.kills,
			trades: await this.tradesCount(),
			statuses: this.statuses,
		};
	}

	/** A few calls at once, some steps of the world; now and then the exchange is killed in them. */
	private async turn(): Promise<void> {
		for (let n = this.random.below(4) + 1; n > 0; n -= 1) this.act(this.random.pick(this.traders));
		const kill = this.random.chance(this.killOdds);
		await this.world.steps(this.random.below(kill ? 12 : 40));
		if (kill) await this.killAndCheck();
		else if (this.random.chance(0.02)) await this.rest();
	}

	private act(trader: Trader): void {
		this.calls += 1;
		const call = this.calls;
		trader.act().then(
			(reply) => {
				this.answered += 1;
				this.statuses.set(reply.status, (this.statuses.get(reply.status) ?? 0) + 1);
				this.trace.add(call);
				this.trace.addText(reply.text);
				if (reply.status >= 500 && reply.status !== 503)
					this.fault(`status ${reply.status}: ${reply.text}`);
			},
			(error) => this.fault(`a call was rejected: ${error}`),
		);
	}

	private async killAndCheck(): Promise<void> {
		this.kills += 1;
		this.world.kill();
		await this.world.boot();
		await this.rest();
	}

	/** Lets everything under way be answered, then asks for every invariant that can be asked. */
	private async rest(): Promise<void> {
		await this.world.time.advance(3_000);
		const { core } = this.world;
		invariant(core !== null, "a rest needs an exchange");
		await this.audit(core);
		await this.booksAgree(core);
		for (const trader of this.traders) await this.holdToItsWord(trader);
	}

	private async audit(core: ExchangeCore): Promise<void> {
		for (const worker of core.accounts) {
			const { checks } = await this.world.until(worker.service.audit(), "the audit");
			for (const check of checks) for (const fault of check.faults) this.fault(fault);
		}
	}

	/** The market data's book, and so what clients see, is the engine's. */
	private async booksAgree(core: ExchangeCore): Promise<void> {
		const { marketData } = core.marketData;
		for (const symbol of marketData.venue.symbols()) {
			const engine = core.matching[symbol.partition]?.engine().depth(symbol.symbolId);
			const depth = marketData.depth(symbol.symbolId, DEPTH);
			const { bids, asks } = await this.world.until(depth, "the depth");
			const seen = JSON.stringify({ bids, asks });
			const real = JSON.stringify({ bids: engine?.bids, asks: engine?.asks });
			if (seen !== real)
				this.fault(`${symbol.symbol}: market data shows ${seen}, the book is ${real}`);
			const [bestBid, bestAsk] = [bids[0]?.[0] ?? 0, asks[0]?.[0] ?? Number.MAX_VALUE];
			if (bestBid >= bestAsk) this.fault(`${symbol.symbol} is crossed: ${bestBid} ≥ ${bestAsk}`);
		}
	}

	/** Every answered order is there as it was told or further; what is unknown can be looked up. */
	private async holdToItsWord(trader: Trader): Promise<void> {
		for (const order of trader.known.values()) {
			const query = trader.query(order);
			const reply = await this.world.until(query, "an order is found");
			const found = JSON.parse(reply.text);
			const name = `order ${order.clientOrderId}`;
			if (reply.status !== 200) this.fault(`${name} was answered and is gone: ${reply.text}`);
			else if (found.orderId !== order.orderId) this.fault(`${name} has another id: ${reply.text}`);
			else if (Number(found.executedQty) < Number(order.executedQty)) {
				this.fault(`${name} had executed ${order.executedQty}: ${reply.text}`);
			}
		}
		trader.known.clear();
		for (const [clientOrderId, symbol] of trader.unknown) {
			const query = trader.queryUnknown(symbol, clientOrderId);
			const { status, text } = await this.world.until(query, "an unknown order is looked up");
			if (status !== 200 && JSON.parse(text).code !== -2013)
				this.fault(`${clientOrderId}: ${text}`);
		}
		trader.unknown.clear();
	}

	private async tradesCount(): Promise<number> {
		return this.world.until(this.world.trades.end(0), "the end of trades");
	}

	private async closeTrace(): Promise<string> {
		const end = await this.tradesCount();
		const [last] = await this.world.until(this.world.trades.read(0, end - 1, 1), "the last record");
		this.trace.addText(last?.record.hash ?? "");
		for (const { userId } of this.traders) {
			const account = this.world.core?.accountsOf(userId).account(userId);
			if (account === undefined) continue;
			const outcome = await this.world.until(account, "the balances");
			this.trace.addText(JSON.stringify(outcome, (_k, v) => (typeof v === "bigint" ? `${v}` : v)));
		}
		return this.trace.digest();
	}

	private fault(text: string): void {
		this.world.faults.push(text);
	}
}

/** Some seeds are calm and some are storms. */
function weatherOf(random: SeededRandom): Weather {
	return {
		logFaults: random.pick([0, 0, 0.02, 0.15]),
		ledgerFaults: random.pick([0, 0, 0.05, 0.3]),
		delayMs: random.pick([0, 2, 10, 60]),
	};
}
