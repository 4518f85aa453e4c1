import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { Client } from "./client.ts";
import { SYMBOLS } from "./order-maker.ts";
import type { ModelOrder } from "./referee/model-order.ts";
import { ENDED, lotsOf, unitsOf } from "./replies.ts";
import { ACCOUNT_SHARDS } from "./size.ts";
import type { Told } from "./told.ts";
import type { World } from "./world.ts";

/** So many of the newest fills are asked for. */
const FILLS = 10;

/**
 * What a user asks: every read shows at least what the user was told before (13). Each resolves with
 * the status of its reply.
 */
export class Reads {
	private readonly world: World;
	private readonly client: Client;
	private readonly userId: number;
	private readonly told: Told;

	constructor(world: World, client: Client, userId: number, told: Told) {
		this.world = world;
		this.client = client;
		this.userId = userId;
		this.told = told;
	}

	/** An order that is open, or one that has ended: either is there to be found. */
	order(): Promise<number> {
		const { random } = this.world;
		const ended = this.told.finished.length > 0 && random.chance(0.6);
		const order = ended ? random.pick(this.told.finished) : this.told.someKnown();
		return order === null ? this.account() : this.query(order);
	}

	async query(order: ModelOrder): Promise<number> {
		const { orderId, spec } = order;
		const floors = this.told.floors();
		const reply = await this.client.call("GET", "order", { symbol: spec.symbol, orderId });
		const what = `order ${orderId} of ${spec.symbol}`;
		if (reply.status === 200) {
			this.sawDone(order, reply.body.executedQty, floors);
			if (ENDED.has(reply.body.status)) {
				if (!order.ended) this.fault(`13: ${what} is ${reply.body.status} and open in the log`);
				this.told.sawEnd(order);
			}
		} else if (reply.code === -2013) this.fault(`13: ${what} was answered and is "not found"`);
		return reply.status;
	}

	/** Of a symbol's newest orders none that was told of lacks. */
	async allOrders(): Promise<number> {
		const symbol = this.world.random.pick(SYMBOLS);
		const told = [...this.told.known, ...this.told.finished].filter(
			({ spec }) => spec.symbol === symbol,
		);
		const reply = await this.client.call("GET", "allOrders", { symbol, limit: 1_000 });
		if (reply.status !== 200) return reply.status;
		const listed = new Set(reply.body.map(({ orderId }: { orderId: number }) => orderId));
		for (const { orderId } of told) {
			if (!listed.has(orderId)) this.fault(`13: order ${orderId} of ${symbol} is not listed`);
		}
		return reply.status;
	}

	/** What is listed is or was open; what was open all the time is listed. */
	async openOrders(): Promise<number> {
		const floors = this.told.floors();
		const known = [...this.told.known];
		const wanted = known.filter((order) => !order.ended);
		const reply = await this.client.call("GET", "openOrders", {});
		if (reply.status !== 200) return reply.status;
		const listed = new Set<ModelOrder>();
		for (const row of reply.body) {
			const order = this.told.find(row.symbol, row.orderId);
			if (order === undefined) this.fault(`13: order ${row.orderId} is open and in no log`);
			else if (order.at(floors[order.spec.partition] ?? 0)?.ended) {
				this.fault(
					`13: order ${row.orderId} of ${row.symbol} is listed as open after its end was told`,
				);
			} else {
				listed.add(order);
				this.sawDone(order, row.executedQty, floors);
			}
		}
		for (const order of wanted) {
			if (order.ended || listed.has(order)) continue;
			this.fault(`13: order ${order.orderId} of ${order.spec.symbol} is open and not listed`);
		}
		for (const order of known) if (order.ended && !listed.has(order)) this.told.sawEnd(order);
		return reply.status;
	}

	async fills(): Promise<number> {
		const symbol = this.world.random.pick(SYMBOLS);
		const floors = this.told.floors();
		const reply = await this.client.call("GET", "myTrades", { symbol, limit: FILLS });
		if (reply.status !== 200) return reply.status;
		this.world.referee.checkFills(this.userId, symbol, reply.body, FILLS, floors);
		return reply.status;
	}

	async account(): Promise<number> {
		const { referee } = this.world;
		const floors = this.told.floors();
		const reply = await this.client.call("GET", "account", {});
		if (reply.status !== 200) return reply.status;
		const shard = shardOfUser(this.userId, ACCOUNT_SHARDS);
		for (const { asset, free, locked } of reply.body.balances) {
			const assetId = referee.venue.asset(asset)?.assetId ?? 0;
			const total = unitsOf(free) + unitsOf(locked);
			if (referee.money.isPossible(shard, this.userId, assetId, floors, total)) continue;
			this.fault(
				`13: user ${this.userId} reads ${total} ${asset}, which no state since ${floors} has`,
			);
		}
		return reply.status;
	}

	private sawDone(order: ModelOrder, executedQty: string, floors: readonly number[]): void {
		const { orderId, spec } = order;
		const done = lotsOf(order, executedQty);
		if (done < (order.at(floors[spec.partition] ?? 0)?.cumLots ?? 0)) {
			this.fault(`13: order ${orderId} of ${spec.symbol} has executed less than was told before`);
		}
		this.told.sawDone(order, done);
	}

	private fault(text: string): void {
		this.world.fault(text);
	}
}
