import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { Attempt, FundsAttempt } from "./attempt.ts";
import { Client, type Reply } from "./client.ts";
import type { Cluster } from "./cluster.ts";
import { type Parameters, randomOrder, SYMBOLS, type SymbolName } from "./order-maker.ts";
import type { ModelOrder } from "./referee/model-order.ts";
import { CLIENT_ID_KEEP_MS } from "./referee/referee.ts";
import { isUnknown, lotsOf, unitsOf, within } from "./replies.ts";
import { signUp } from "./sign-up.ts";
import { ACCOUNT_SHARDS, type World } from "./world.ts";

const REFUSED_NAMES = new Set([-2010, -1013, -2022, -2038, -2011, -2013, -2039, -1015]);
/** A retry must arrive while the name of what may have been done is still taken. */
const RETRY_WITHIN_MS = CLIENT_ID_KEEP_MS - 15_000;
const ENDED = new Set(["FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"]);

/**
 * A user who trades at random through the edge, says again what was not answered, and holds every
 * answer against what the referee saw happen: nothing that was answered is ever unsaid (13), and every
 * read shows at least what this user was answered before.
 */
export class Trader {
	readonly userId: number;
	/** Orders it was told of and believes open. */
	private readonly known: ModelOrder[] = [];
	private readonly unknown: Attempt[] = [];
	private readonly unknownFunds: FundsAttempt[] = [];
	/** By partition: the evSeq that answers have shown to this user. */
	private readonly floors: number[] = [0, 0];
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly client: Client;
	private names = 0;
	/** Names of the last orders it was told of. */
	private readonly usedNames: string[] = [];

	private constructor(world: World, cluster: Cluster, userId: number, client: Client) {
		this.world = world;
		this.cluster = cluster;
		this.userId = userId;
		this.client = client;
	}

	/** A new user with funds and a key. */
	static async join(
		world: World,
		cluster: Cluster,
		heard: (text: string) => void,
	): Promise<Trader> {
		const { userId, ...key } = await signUp(world, cluster);
		const client = new Client(world, cluster, key, heard);
		return new Trader(world, cluster, userId, client);
	}

	/** The key of its own stream; null when it cannot be had now. */
	listenKey(): Promise<string | null> {
		return this.client.listenKey();
	}

	/** A public call, as everybody may make it. */
	ask(path: string, parameters: Parameters): Promise<Reply> {
		return this.client.ask(path, parameters);
	}

	/** Does something; resolves with the status of its reply, 0 when it never came. */
	act(id: number): Promise<number> {
		const { random } = this.world;
		if (this.unknown.length > 0 && random.chance(0.15)) return this.again();
		const dice = random.unit();
		if (dice < 0.58) return this.place(id);
		if (dice < 0.72) return this.cancel(id);
		if (dice < 0.78) return this.amend(id);
		if (dice < 0.85) return this.replace(id);
		if (dice < 0.86) return this.cancelAll();
		if (dice < 0.88) return this.replay();
		if (dice < 0.9) return this.funds(id);
		if (dice < 0.93) return this.readOpenOrders();
		if (dice < 0.95) return this.readTrades();
		if (dice < 0.97) return this.readOrder();
		return this.readAccount();
	}

	/** Asks for everything there is to ask, when all is quiet. */
	async takeStock(): Promise<void> {
		for (const attempt of this.unknown.splice(0)) await this.lookUp(attempt);
		for (const order of this.known.slice(-20)) await this.query(order);
		await this.readAccount();
		await this.readOpenOrders();
		await this.readTrades();
	}

	private place(id: number): Promise<number> {
		const { random } = this.world;
		if (this.usedNames.length > 0 && random.chance(0.06)) return this.placeUnderUsedName(id);
		const name = random.chance(0.8) ? this.newName() : null;
		const parameters = randomOrder(random, random.pick(SYMBOLS), id, name);
		return this.attempt({ id, path: "order", parameters, name, firstMs: this.nowMs(), tries: 0 });
	}

	/** A name that an order has or had: it is free only some time after that order's end. */
	private placeUnderUsedName(id: number): Promise<number> {
		const { random, tally } = this.world;
		tally.add("a name is used again");
		const used = random.pick(this.usedNames);
		const parameters = randomOrder(random, random.pick(SYMBOLS), id, used);
		const call = { id, path: "order", parameters, name: null };
		return this.attempt({ ...call, firstMs: this.nowMs(), tries: 0 });
	}

	private replace(id: number): Promise<number> {
		const { random } = this.world;
		const target = this.someKnown();
		if (target === null) return this.place(id);
		const name = this.newName();
		const symbol = target.spec.symbol as SymbolName;
		const parameters = {
			...randomOrder(random, symbol, id, name),
			cancelReplaceMode: random.pick(["STOP_ON_FAILURE", "ALLOW_FAILURE"]),
			cancelOrderId: target.orderId,
		};
		const path = "order/cancelReplace";
		return this.attempt({ id, path, parameters, name, firstMs: this.nowMs(), tries: 0 });
	}

	/** Says again what was not answered, or asks what became of it. */
	private again(): Promise<number> {
		const { random, tally } = this.world;
		const attempt = this.unknown.splice(random.below(this.unknown.length), 1)[0] as Attempt;
		const late = this.nowMs() - attempt.firstMs > RETRY_WITHIN_MS;
		if (late || random.chance(0.3)) return this.lookUp(attempt);
		tally.add("a call is said again");
		return this.attempt(attempt);
	}

	private async attempt(attempt: Attempt): Promise<number> {
		attempt.tries += 1;
		const floors = [...this.floors];
		const reply = await this.client.call("POST", attempt.path, attempt.parameters);
		const { body, status, code } = reply;
		const placed =
			attempt.path === "order" ? body : ((body?.data ?? body)?.newOrderResponse ?? null);
		if (isUnknown(reply)) {
			if (attempt.name !== null) this.unknown.push(attempt);
		} else if (placed?.orderId > 0) {
			this.wasPlaced(attempt, placed, floors);
		} else if (attempt.tries === 1 && REFUSED_NAMES.has(code)) {
			if (this.world.referee.isDone(attempt.id)) {
				this.fault(`call ${attempt.id} was refused with ${code} and done`);
			}
		}
		return status;
	}

	private wasPlaced(
		attempt: Attempt,
		placed: Record<string, unknown>,
		floors: readonly number[],
	): void {
		const { name, parameters } = attempt;
		const order = this.find(parameters.symbol, Number(placed["orderId"]));
		const what = `${name ?? "an order"} (${placed["orderId"]} of ${parameters.symbol})`;
		if (order === undefined) return this.fault(`13: ${what} was answered and is in no log`);
		if (order.userId !== this.userId) return this.fault(`13: ${what} is another user's`);
		if (order.order.strategyId !== attempt.id && attempt.tries === 1) {
			this.fault(`13: ${what} is not what was asked for`);
		}
		if (!this.world.referee.wasTold(this.userId, order.spec.partition, order.admittedEvSeq)) {
			this.fault(`13: ${what} was answered before its user events went out`);
		}
		this.checkView(order, placed, what, floors);
		this.saw(order, order.admittedEvSeq);
		this.known.push(order);
		if (name !== null) this.usedNames.push(name);
		if (this.usedNames.length > 15) this.usedNames.shift();
	}

	/** What is said of an order is true of it, and nothing older than what was said before. */
	private checkView(
		order: ModelOrder,
		view: Record<string, unknown>,
		what: string,
		floors: readonly number[],
	): void {
		const done = lotsOf(order, String(view["executedQty"]));
		const before = order.at(floors[order.spec.partition] ?? 0);
		const floor = before?.cumLots ?? 0;
		if (done > order.cumLots || done < floor) {
			this.fault(`13: ${what} has executed ${done}; by the log ${floor} to ${order.cumLots}`);
		}
		const ended = ENDED.has(String(view["status"]));
		const endedBefore = before?.ended ?? false;
		if (ended !== order.ended && (ended || endedBefore)) {
			this.fault(`13: ${what} is ${view["status"]}, by the log ${order.ended ? "ended" : "open"}`);
		}
	}

	private async cancel(id: number): Promise<number> {
		const order = this.someKnown();
		if (order === null) return this.place(id);
		const { orderId, spec } = order;
		const reply = await this.client.call("DELETE", "order", { symbol: spec.symbol, orderId });
		const what = `canceled order ${orderId} of ${spec.symbol}`;
		if (reply.status === 200) {
			if (!order.ended) this.fault(`13: ${what} is open`);
			this.sawEnd(order);
		} else if (reply.code === -2011 && reply.body.msg === "Unknown order sent.") {
			if (!order.ended) this.fault(`13: ${what} was not known and is open`);
			this.forget(order);
		}
		return reply.status;
	}

	private async amend(id: number): Promise<number> {
		const order = this.someKnown();
		if (order === null) return this.place(id);
		const { orderId, spec } = order;
		const newQty = (this.world.random.below(20) + 1) / 100;
		const parameters = {
			...{ symbol: spec.symbol, orderId, newQty },
			...(this.world.random.chance(0.5) ? { newClientOrderId: this.newName() } : {}),
		};
		const path = "order/amend/keepPriority";
		const reply = await this.client.call("PUT", path, parameters);
		if (reply.status === 200 && order.qtyLots > lotsOf(order, String(newQty))) {
			this.fault(`13: order ${orderId} of ${spec.symbol} was amended to ${newQty} and is not`);
		}
		return reply.status;
	}

	private async cancelAll(): Promise<number> {
		const symbol = this.world.random.pick(SYMBOLS);
		const reply = await this.client.call("DELETE", "openOrders", { symbol });
		if (reply.status !== 200) return reply.status;
		for (const row of reply.body) {
			const order = this.find(symbol, row.orderId);
			if (order?.ended !== true)
				this.fault(`13: canceled order ${row.orderId} of ${symbol} is open`);
			else this.sawEnd(order);
		}
		return reply.status;
	}

	/** Somebody has overheard a call and sends it once more. */
	private async replay(): Promise<number> {
		this.world.tally.add("a signed call is replayed");
		return (await this.client.replay())?.status ?? 0;
	}

	private async funds(id: number): Promise<number> {
		const { random, referee } = this.world;
		const again = this.unknownFunds.length > 0 && random.chance(0.7);
		const assetId = 1 + random.below(3);
		const amount = BigInt(random.below(1_000_000) + 1);
		const externalId = `f${id}`;
		const attempt: FundsAttempt = again
			? (this.unknownFunds.shift() as FundsAttempt)
			: {
					kind: random.pick(["deposit", "withdraw"] as const),
					request: { userId: this.userId, assetId, amount, externalId },
				};
		const services = this.cluster.of("edge")?.services;
		if (services === undefined) return 0;
		const answer = services.accounts(this.userId)[attempt.kind](attempt.request);
		const outcome = await within(this.world.time, answer);
		const unknown = outcome === null || (!outcome.ok && outcome.refusal.reason === "unknown");
		if (unknown) this.unknownFunds.push(attempt);
		else if (
			outcome.ok &&
			!referee.hasMoved(this.userId, attempt.kind, attempt.request.externalId)
		) {
			this.fault(`22: ${attempt.kind} ${attempt.request.externalId} was answered and is in no log`);
		}
		return unknown ? 0 : outcome.ok ? 200 : 400;
	}

	private async lookUp(attempt: Attempt): Promise<number> {
		const { name, parameters } = attempt;
		if (name === null) return 0;
		const { symbol } = parameters;
		const before = this.world.referee.orderOfCall(attempt.id);
		const floors = [...this.floors];
		const reply = await this.client.call("GET", "order", { symbol, origClientOrderId: name });
		if (reply.status === 200) this.wasPlaced(attempt, reply.body, floors);
		else if (reply.code === -2013 && before !== undefined && before.clientOrderId === name) {
			this.fault(`25: ${name} was in the log as order ${before.orderId} and is "not found"`);
		} else if (isUnknown(reply)) this.unknown.push(attempt);
		return reply.status;
	}

	private readOrder(): Promise<number> {
		const order = this.someKnown();
		return order === null ? this.readAccount() : this.query(order);
	}

	private async query(order: ModelOrder): Promise<number> {
		const { orderId, spec } = order;
		const floors = [...this.floors];
		const reply = await this.client.call("GET", "order", { symbol: spec.symbol, orderId });
		const what = `order ${orderId} of ${spec.symbol}`;
		if (reply.status === 200) {
			if (
				lotsOf(order, reply.body.executedQty) <
				(order.at(floors[spec.partition] ?? 0)?.cumLots ?? 0)
			) {
				this.fault(`13: ${what} has executed less than was told before`);
			}
			if (ENDED.has(reply.body.status)) {
				if (!order.ended) this.fault(`13: ${what} is ${reply.body.status} and open in the log`);
				this.sawEnd(order);
			}
		} else if (reply.code === -2013) this.fault(`13: ${what} was answered and is "not found"`);
		return reply.status;
	}

	/** What is listed is or was open; what was open all the time is listed. */
	private async readOpenOrders(): Promise<number> {
		const floors = [...this.floors];
		const wanted = this.known.filter((order) => !order.ended);
		const reply = await this.client.call("GET", "openOrders", {});
		if (reply.status !== 200) return reply.status;
		const listed = new Set<ModelOrder>();
		for (const row of reply.body) {
			const order = this.find(row.symbol, row.orderId);
			if (order === undefined) this.fault(`13: order ${row.orderId} is open and in no log`);
			else if (order.at(floors[order.spec.partition] ?? 0)?.ended) {
				this.fault(
					`13: order ${row.orderId} of ${row.symbol} is listed as open after its end was told`,
				);
			} else listed.add(order);
		}
		for (const order of wanted) {
			if (order.ended || listed.has(order)) continue;
			this.fault(`13: order ${order.orderId} of ${order.spec.symbol} is open and not listed`);
		}
		return reply.status;
	}

	private async readTrades(): Promise<number> {
		const symbol = this.world.random.pick(SYMBOLS);
		const floors = [...this.floors];
		const reply = await this.client.call("GET", "myTrades", { symbol, limit: 10 });
		if (reply.status !== 200) return reply.status;
		this.world.referee.checkFills(this.userId, symbol, reply.body, floors);
		return reply.status;
	}

	private async readAccount(): Promise<number> {
		const { referee } = this.world;
		const floors = [...this.floors];
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

	private saw(order: ModelOrder, evSeq: number): void {
		const { partition } = order.spec;
		this.floors[partition] = Math.max(this.floors[partition] ?? 0, evSeq);
	}

	private sawEnd(order: ModelOrder): void {
		this.saw(order, order.points.at(-1)?.evSeq ?? 0);
		this.forget(order);
	}

	private forget(order: ModelOrder): void {
		const at = this.known.indexOf(order);
		if (at >= 0) this.known.splice(at, 1);
	}

	private find(symbol: string, orderId: number): ModelOrder | undefined {
		const spec = this.world.referee.venue.symbol(symbol);
		return spec === undefined ? undefined : this.world.referee.market.order(spec.symbolId, orderId);
	}

	private someKnown(): ModelOrder | null {
		while (this.known.length > 60) this.known.shift();
		const recent = this.known.slice(-12);
		return recent.length === 0 ? null : this.world.random.pick(recent);
	}

	private newName(): string {
		this.names += 1;
		return `u${this.userId}n${this.names}`;
	}

	private nowMs(): number {
		return this.world.time.monotonicMs();
	}

	private fault(text: string): void {
		this.world.fault(text);
	}
}
