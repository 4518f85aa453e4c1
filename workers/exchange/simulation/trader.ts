import { Amends } from "./amends.ts";
import { type Attempt, type FundsAttempt, fundsAttempt } from "./attempt.ts";
import { Client, type Reply } from "./client.ts";
import type { Cluster } from "./cluster.ts";
import {
	largeOrder,
	type Parameters,
	randomOrder,
	SYMBOLS,
	type SymbolName,
} from "./order-maker.ts";
import { Reads } from "./reads.ts";
import type { ModelOrder } from "./referee/model-order.ts";
import { CLIENT_ID_KEEP_MS } from "./referee/referee.ts";
import { ENDED, isUnknown, lotsOf, within } from "./replies.ts";
import { signUp } from "./sign-up.ts";
import { Told } from "./told.ts";
import type { World } from "./world.ts";

/** Codes that say that an order was not placed: its name is free. */
const REFUSED = new Set([-2010, -1013, -2022, -2038, -2011, -2013, -2039, -1015, -1008]);
/** A clock may be so far behind, ms. */
const FREE_FOR_CERTAIN_MS = 5_000;
/** A retry must arrive while the name of what may have been done is still taken. */
const RETRY_WITHIN_MS = CLIENT_ID_KEEP_MS - 15_000;

/**
 * A user who trades at random through the edge, says again what was not answered, and holds every
 * answer against what the referee saw happen: nothing that was answered is ever unsaid (13), and every
 * read shows at least what this user was answered before.
 */
export class Trader {
	readonly userId: number;
	private readonly unknown: Attempt[] = [];
	private readonly unknownFunds: FundsAttempt[] = [];
	private readonly told: Told;
	private readonly reads: Reads;
	private readonly amends: Amends;
	private readonly world: World;
	private readonly cluster: Cluster;
	private readonly client: Client;
	private names = 0;
	/** Names of the last orders it was told of. */
	private readonly usedNames: string[] = [];
	/** All of them, oldest first: their time to be free again comes. */
	private readonly oldNames: string[] = [];
	/** Names whose order was refused, by the calls that were. */
	private readonly freeNames: { readonly name: string; readonly id: number }[] = [];

	private constructor(world: World, cluster: Cluster, userId: number, client: Client) {
		this.world = world;
		this.cluster = cluster;
		this.userId = userId;
		this.client = client;
		this.told = new Told(world);
		this.reads = new Reads(world, client, userId, this.told);
		this.amends = new Amends(world, client, this.told, cluster.shedding, {
			next: () => this.newName(),
			freed: (name) => this.freeNames.push({ name, id: 0 }),
		});
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
		if (dice < 0.78) return this.amends.ofSome(random.chance(0.2) ? 2 : 1) ?? this.place(id);
		if (dice < 0.85) return this.replace(id);
		if (dice < 0.86) return this.cancelAll();
		if (dice < 0.88) return this.replay();
		if (dice < 0.9) return this.funds(id);
		if (dice < 0.92) return this.reads.openOrders();
		if (dice < 0.94) return this.reads.fills();
		if (dice < 0.95) return this.reads.allOrders();
		if (dice < 0.98) return this.reads.order();
		return this.reads.account();
	}

	/** Asks how things stand, as `act` does now and then. */
	look(): Promise<number> {
		const dice = this.world.random.below(3);
		if (dice === 0) return this.reads.openOrders();
		return dice === 1 ? this.reads.order() : this.reads.account();
	}

	/** Asks for what goes back beyond what an account worker has. */
	lookBack(): Promise<number> {
		const dice = this.world.random.below(3);
		if (dice === 0) return this.reads.fills();
		return dice === 1 ? this.reads.order() : this.reads.allOrders();
	}

	/** Amends one of its newest orders. */
	amendNewest(): Promise<number> {
		return this.amends.ofSome(1, 3) ?? this.reads.account();
	}

	/** Places an order that some like it leave it no money for. */
	placeMuch(id: number): Promise<number> {
		const { random } = this.world;
		const name = this.newName();
		const parameters = largeOrder(random, random.pick(SYMBOLS), id, name);
		return this.begin(id, "order", parameters, name);
	}

	/** Asks for everything there is to ask, when all is quiet. */
	async takeStock(): Promise<void> {
		const statuses: number[] = [];
		for (const attempt of this.unknown.splice(0)) statuses.push(await this.lookUp(attempt));
		for (const order of this.told.known.slice(-8)) statuses.push(await this.reads.query(order));
		statuses.push(await this.reads.account(), await this.reads.openOrders());
		statuses.push(await this.reads.fills(), await this.reads.allOrders());
		for (const order of this.told.known.slice(-3)) {
			statuses.push(await this.amends.of(order, true), await this.amends.of(order, true));
		}
		const calls = await this.orderAndCancel();
		// Signatures are remembered for a while.
		const isFull = calls.includes(429) && this.cluster.settings.short !== "signatures";
		if (isFull) this.fault("15: at rest there is no room");
		statuses.push(...calls);
		const without = statuses.filter((status) => status === 0 || status === 503).length;
		if (without > 0) this.fault(`14: at rest ${without} calls have no answer`);
	}

	/** While the ledger is away: reads go on, and trading until the bound of the write-behind. */
	async goesOn(): Promise<void> {
		const statuses = [await this.reads.account(), ...(await this.orderAndCancel())];
		const without = statuses.some((status) => status === 0 || status === 503);
		if (without) this.fault(`14: with the ledger away calls have no answer: ${statuses}`);
	}

	private async orderAndCancel(): Promise<readonly number[]> {
		const symbol = this.world.random.pick(SYMBOLS);
		const order = randomOrder(this.world.random, symbol, 0, null);
		const placed = await this.client.call("POST", "order", order);
		const orderId = placed.status === 200 ? placed.body.orderId : 1;
		const canceled = await this.client.call("DELETE", "order", { symbol, orderId });
		return [placed.status, canceled.status];
	}

	private place(id: number): Promise<number> {
		const { random } = this.world;
		if (this.usedNames.length > 0 && random.chance(0.06)) return this.placeUnderUsedName(id);
		if (this.freeNames.length > 0 && random.chance(0.05)) return this.placeUnderFreeName(id);
		if (this.oldNames.length > 0 && random.chance(0.05)) return this.placeUnderOldName(id);
		const name = random.chance(0.8) ? this.newName() : null;
		const parameters = randomOrder(random, random.pick(SYMBOLS), id, name);
		return this.begin(id, "order", parameters, name);
	}

	/** A name that an order has or had: it is free only some time after that order's end. */
	private placeUnderUsedName(id: number): Promise<number> {
		const { random, tally } = this.world;
		tally.add("a name is used again");
		const used = random.pick(this.usedNames);
		const parameters = randomOrder(random, random.pick(SYMBOLS), id, used);
		return this.begin(id, "order", parameters, null);
	}

	/** A name whose only order was refused is free at once. */
	private async placeUnderFreeName(id: number): Promise<number> {
		const { random, referee, tally } = this.world;
		const free = this.freeNames.pop() as { name: string; id: number };
		tally.add("the name of a refused order is used");
		const parameters = randomOrder(random, random.pick(SYMBOLS), id, free.name);
		const reply = await this.client.call("POST", "order", parameters);
		const refused = reply.code === -2010 && reply.body.msg === "Duplicate order sent.";
		if (refused && !referee.isDone(free.id)) this.fault(`1: ${free.name} is free and was refused`);
		return reply.status;
	}

	/** A name whose order has ended long enough ago is free again; before that it is nobody's to use. */
	private async placeUnderOldName(id: number): Promise<number> {
		const { random, referee, tally, time } = this.world;
		const [name] = this.oldNames as [string];
		const isFree = (): boolean =>
			referee.isFreeSince(this.userId, name, time.nowMs() - FREE_FOR_CERTAIN_MS);
		if (!isFree() || this.usedNames.includes(name)) return this.reads.order();
		this.oldNames.shift();
		tally.add("a name is free again");
		const parameters = randomOrder(random, random.pick(SYMBOLS), id, name);
		const reply = await this.client.call("POST", "order", parameters);
		const refused = reply.code === -2010 && reply.body.msg === "Duplicate order sent.";
		if (refused && isFree()) this.fault(`1: ${name} is free again and was refused`);
		return reply.status;
	}

	private replace(id: number): Promise<number> {
		const { random } = this.world;
		const target = this.told.someKnown();
		if (target === null) return this.place(id);
		const name = this.newName();
		const symbol = target.spec.symbol as SymbolName;
		const parameters = {
			...randomOrder(random, symbol, id, name),
			cancelReplaceMode: random.pick(["STOP_ON_FAILURE", "ALLOW_FAILURE"]),
			cancelOrderId: target.orderId,
		};
		return this.begin(id, "order/cancelReplace", parameters, name);
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

	/** What is tried for the first time. */
	private begin(
		id: number,
		path: string,
		parameters: Attempt["parameters"],
		name: string | null,
	): Promise<number> {
		return this.attempt({ id, path, parameters, name, firstMs: this.nowMs(), tries: 0 });
	}

	private async attempt(attempt: Attempt): Promise<number> {
		attempt.tries += 1;
		const floors = this.told.floors();
		const reply = await this.client.call("POST", attempt.path, attempt.parameters);
		const { body, status, code } = reply;
		const placed =
			attempt.path === "order" ? body : ((body?.data ?? body)?.newOrderResponse ?? null);
		if (isUnknown(reply) || this.cluster.shedding.isOpen(code)) {
			if (attempt.name !== null) this.unknown.push(attempt);
		} else if (placed?.orderId > 0) {
			this.wasPlaced(attempt, placed, floors);
		} else if (attempt.tries === 1 && REFUSED.has(code)) {
			const { id, name } = attempt;
			this.world.referee.refused(id, code);
			if (name !== null) this.freeNames.push({ name, id });
		}
		return status;
	}

	private wasPlaced(
		attempt: Attempt,
		placed: Record<string, unknown>,
		floors: readonly number[],
	): void {
		const { name, parameters } = attempt;
		const order = this.told.find(parameters.symbol, Number(placed["orderId"]));
		const what = `${name ?? "an order"} (${placed["orderId"]} of ${parameters.symbol})`;
		if (order === undefined) return this.fault(`13: ${what} was answered and is in no log`);
		if (order.userId !== this.userId) return this.fault(`13: ${what} is another user's`);
		if (order.order.strategyId !== attempt.id && attempt.tries === 1) {
			this.fault(`13: ${what} is not what was asked for`);
		}
		if (!this.world.referee.wasTold(this.userId, order.spec.partition, order.admittedEvSeq)) {
			this.fault(`13: ${what} was answered before its user events went out`);
		}
		if (!this.cluster.isInBook(order)) this.fault(`13: ${what} was answered and is in no book`);
		this.checkView(order, placed, what, floors);
		this.told.saw(order, order.admittedEvSeq);
		this.told.known.push(order);
		if (name !== null) this.usedNames.push(name);
		if (name !== null) this.oldNames.push(name);
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
		this.told.sawDone(order, Math.min(done, order.cumLots));
		const ended = ENDED.has(String(view["status"]));
		const endedBefore = before?.ended ?? false;
		if (ended !== order.ended && (ended || endedBefore)) {
			this.fault(`13: ${what} is ${view["status"]}, by the log ${order.ended ? "ended" : "open"}`);
		}
	}

	private async cancel(id: number): Promise<number> {
		const order = this.told.someKnown();
		if (order === null) return this.place(id);
		const { orderId, spec } = order;
		const reply = await this.client.call("DELETE", "order", { symbol: spec.symbol, orderId });
		const what = `canceled order ${orderId} of ${spec.symbol}`;
		if (reply.status === 200) {
			if (!order.ended) this.fault(`13: ${what} is open`);
			this.told.sawEnd(order);
		} else if (reply.code === -2011 && reply.body.msg === "Unknown order sent.") {
			if (!order.ended) this.fault(`13: ${what} was not known and is open`);
			this.told.forget(order);
		}
		return reply.status;
	}

	private async cancelAll(): Promise<number> {
		const symbol = this.world.random.pick(SYMBOLS);
		const reply = await this.client.call("DELETE", "openOrders", { symbol });
		if (reply.status !== 200) return reply.status;
		for (const row of reply.body) {
			const order = this.told.find(symbol, row.orderId);
			if (order?.ended !== true)
				this.fault(`13: canceled order ${row.orderId} of ${symbol} is open`);
			else this.told.sawEnd(order);
		}
		return reply.status;
	}

	/** Somebody has overheard a call and sends it once more. */
	async replay(): Promise<number> {
		this.world.tally.add("a signed call is replayed");
		return (await this.client.replay())?.status ?? 0;
	}

	private async funds(id: number): Promise<number> {
		const { random, referee } = this.world;
		const again = this.unknownFunds.length > 0 && random.chance(0.7);
		const fresh = fundsAttempt(random, this.userId, id);
		const attempt = again ? (this.unknownFunds.shift() as FundsAttempt) : fresh;
		const services = this.cluster.of("edge")?.services;
		if (services === undefined) return 0;
		const answer = services.accounts(this.userId)[attempt.kind](attempt.request);
		const outcome = await within(this.world.time, answer);
		const unknown = outcome === null || (!outcome.ok && outcome.refusal.reason === "unknown");
		const { externalId } = attempt.request;
		const shed = outcome?.ok === false && outcome.refusal.reason === "overloaded";
		if (shed) this.cluster.shedding.heardFunds();
		if (unknown) this.unknownFunds.push(attempt);
		else if (shed && referee.hasMoved(this.userId, attempt.kind, externalId)) {
			this.fault(`22: ${attempt.kind} ${externalId} was shed and is done`);
		} else if (outcome.ok && !referee.hasMoved(this.userId, attempt.kind, externalId)) {
			this.fault(`22: ${attempt.kind} ${externalId} was answered and is in no log`);
		}
		return unknown ? 0 : outcome.ok ? 200 : 400;
	}

	private async lookUp(attempt: Attempt): Promise<number> {
		const { name, parameters } = attempt;
		if (name === null) return 0;
		const { symbol } = parameters;
		const before = this.world.referee.orderOfCall(attempt.id);
		const floors = this.told.floors();
		const reply = await this.client.call("GET", "order", { symbol, origClientOrderId: name });
		if (reply.status === 200) this.wasPlaced(attempt, reply.body, floors);
		else if (reply.code === -2013 && before !== undefined && before.clientOrderId === name) {
			this.fault(`13: ${name} was in the log as order ${before.orderId} and is "not found"`);
		} else if (isUnknown(reply)) this.unknown.push(attempt);
		return reply.status;
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
