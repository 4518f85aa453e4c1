/**
 * A worker that starts knows what the one that lived through it all knows, wherever the ledger stands and whatever is
 * on its way. What is another by design (README): orders that had ended where the ledger stands, and fills from before,
 * are the order log's to tell; of prices only those are known that have changed since, the best of the ledger's
 * position, and own orders'; unfilled orders are counted anew; signatures are forgotten.
 */
import { expect, test } from "bun:test";
import type { MemoryDatabase } from "../../db/ledger/memory-database.ts";
import { type Command, CommandKind } from "../../schemas/command.ts";
import { EventKind } from "../../schemas/event.ts";
import { hasLimitPrice, Side } from "../../schemas/order.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import type { UserEventId, UserEventMessage } from "../../schemas/user-event.ts";
import { userEvents } from "../../schemas/user-event-channel.ts";
import { DepthBook } from "../shared/depth-book.ts";
import { defaultAccountSettings } from "./settings.ts";
import type { AccountState } from "./state.ts";
import { inLedger, observed, type Questions } from "./testing/observed.ts";
import { Dice } from "./testing/random-requests.ts";
import { RandomVenue, runningOf } from "./testing/random-venue.ts";
import { type LogsUntilNow, logsOf, startTwin, type Twin } from "./testing/twin.ts";

const SEEDS = Number(process.env["ACCOUNT_SEEDS"] ?? 10);
const FIRST_SEED = Number(process.env["ACCOUNT_FIRST_SEED"] ?? 1);
const STEPS = 120;
const SHARDS = [1, 2];
const USER_IDS = [1, 2, 3, 4, 5];
const LONG_MS = 600_000;
/** How long client ids stay taken. */
const KEEPS_MS = [0, 20, 200, LONG_MS, LONG_MS];
const CLIENT_IDS = USER_IDS.flatMap((n) => [...numbered(`u${n}-`, 40), ...numbered(`n${n}-`, 40)]);
const EXTERNAL_IDS = [...numbered("w", 12), ...numbered("first-", 4)];

type Told = Pick<UserEventMessage, "userId" | "ts" | "event">;

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`a start ends where the worker is that lived through it: seed ${seed}`, async () => {
		const pair = new Compared(seed);
		await pair.open();
		for (let step = 0; step < STEPS; step += 1) await pair.step();
		await pair.end();
	});
}

/** A random venue, ledgers of earlier moments, and workers that start from them. */
class Compared {
	private readonly dice: Dice;
	private readonly keepMs: number;
	private readonly venue: RandomVenue;
	private readonly ledgers: MemoryDatabase[] = [];
	/** What was told of users, by user and id, as it was first. */
	private readonly told = new Map<string, Told>();
	/** By user: the last event that changed his balances. */
	private readonly changedAtMs = new Map<number, number>();

	constructor(seed: number) {
		this.dice = new Dice(seed * 7_919);
		this.keepMs = KEEPS_MS[this.dice.roll(KEEPS_MS.length)] as number;
		const keepFinishedMs = this.dice.chance(500) ? LONG_MS : 50;
		this.venue = new RandomVenue(seed, { clientOrderIdKeepMs: this.keepMs, keepFinishedMs });
		this.keepLedger();
		this.venue.world.pubsub.subscribe(userEvents, (messages) => {
			for (const { id, userId, ts, event } of messages) {
				const name = nameOf(userId, id);
				if (!this.told.has(name)) this.told.set(name, { userId, ts, event });
				if (event.kind !== "outboundAccountPosition") continue;
				this.changedAtMs.set(userId, Math.max(ts, this.changedAtMs.get(userId) ?? 0));
			}
		});
	}

	async open(): Promise<void> {
		await this.venue.open();
	}

	async step(): Promise<void> {
		const { dice, venue } = this;
		await venue.step();
		if (dice.chance(60)) this.keepLedger();
		if (dice.chance(200)) venue.orderLogIsUpToDate();
		if (!dice.chance(40)) return;
		// Commands are on their way in none, one, or both of the partitions.
		await venue.standStill([0, 1].filter(() => dice.chance(400)));
		this.keepLedger();
		await this.compare();
		venue.goOn();
	}

	/** What the worker that lived through it brings into the ledger is the same, too. */
	async end(): Promise<void> {
		const { venue } = this;
		await venue.standStill([]);
		this.keepLedger();
		await this.compare();
		for (const worker of venue.liveWorkers()) {
			await venue.world.finish(runningOf(worker).writeBehind.commitNow());
		}
		this.keepLedger();
		await this.compare();
	}

	private keepLedger(): void {
		this.ledgers.push(this.venue.world.database.copy());
	}

	private async compare(): Promise<void> {
		const { world } = this.venue;
		const logs = logsOf(world);
		const nowMs = world.time.nowMs();
		const twins: Twin[] = [];
		for (const shard of SHARDS) twins.push(...(await this.twinsOf(shard, logs, nowMs)));
		for (const twin of twins) this.isAlike(twin, logs, nowMs);
		// What was on its way is answered.
		await this.venue.standStill([]);
		const later = logsOf(world);
		// Who waited for an answer may have gone on with a command that the others do not have.
		if (
			later.orders
				.flatMap((all, i) => all.slice(logs.orders[i]?.length))
				.some(({ command }) => isNews(command))
		)
			return;
		const more = later.trades.map((all, i) => all.slice(logs.trades[i]?.length));
		for (const twin of twins) {
			await twin.hear(more);
			this.isAlike(twin, later, world.time.nowMs());
		}
	}

	/** From nothing, from any earlier ledger, from the last one, and once more from what such a one has written. */
	private async twinsOf(shard: number, logs: LogsUntilNow, nowMs: number): Promise<Twin[]> {
		const { ledgers, dice, keepMs } = this;
		const earlier = ledgers[dice.roll(ledgers.length)] as MemoryDatabase;
		const settings = {
			...defaultAccountSettings,
			...{ accountShards: SHARDS.length, orderLimits: [], clientOrderIdKeepMs: keepMs },
		};
		const twins: Twin[] = [];
		for (const from of [ledgers[0] as MemoryDatabase, earlier, ledgers.at(-1) as MemoryDatabase]) {
			const ledger = from.copy();
			// An epoch is raised before anything else, and so never behind.
			ledger.raiseEpoch(shard, this.live(shard).epoch);
			twins.push(await startTwin(ledger, logs, shard, nowMs, settings));
		}
		const first = twins[dice.roll(3)] as Twin;
		twins.push(await startTwin(first.ledger.copy(), first.logs, shard, nowMs, settings));
		const written = twins.map(({ ledger }) =>
			inLedger(ledger.load(shard), ledger.transfers(shard), nowMs - keepMs),
		);
		for (const other of written) expect(other).toEqual(written[0] as (typeof written)[0]);
		return twins;
	}

	/** What happened to orders and money; what is left of it may have been less while commands of later were read already. */
	private tellsTheSame(told: readonly UserEventMessage[]): void {
		for (const { id, userId, ts, event } of told) {
			if (event.kind === "outboundAccountPosition") continue;
			const again: Told = { userId, ts, event };
			expect(again).toEqual(this.told.get(nameOf(userId, id)) as Told);
		}
	}

	private live(shard: number) {
		const process = this.venue.processes.get(shard);
		if (process === undefined) throw new Error(`shard ${shard} has no worker`);
		return runningOf(process.worker).shard;
	}

	private isAlike({ state, told }: Twin, logs: LogsUntilNow, nowMs: number): void {
		const live = this.live(state.shard).state;
		const { keepMs } = this;
		// Of an order that had ended where the ledger stands: whether its amend on the way keeps its id, nobody knows.
		const unclear = new Set(
			[...state.orders["amendsAhead"].values()].map(({ clientOrderId }) => clientOrderId),
		);
		const questions: Questions = {
			userIds: USER_IDS.filter((userId) => shardOfUser(userId, SHARDS.length) === state.shard),
			clientOrderIds: CLIENT_IDS.filter((id) => !unclear.has(id)),
			externalIds: EXTERNAL_IDS,
			times: [nowMs, nowMs + keepMs / 2, nowMs + 2 * keepMs],
			floors: live.positions
				.all()
				.map(({ partition }) =>
					Math.max(...[state, live].map(({ orders }) => orders.finished.floor(partition))),
				),
			namesOfFinished: keepMs === LONG_MS,
		};
		expect(observed(state, questions)).toEqual(observed(live, questions));
		for (const userId of questions.userIds) {
			const changedAtMs = this.changedAtMs.get(userId) ?? 0;
			expect(state.updatedAtMs(userId)).toBeGreaterThanOrEqual(changedAtMs);
		}
		this.tellsTheSame(told);
		const books = booksOf(logs);
		for (const each of [state, live]) pricesStand(each, books, questions.userIds);
	}
}

function isNews(command: Command | null): boolean {
	return command !== null && command.kind !== CommandKind.Beat && command.kind !== CommandKind.Tick;
}

/** By symbol. */
function booksOf({ trades }: LogsUntilNow): ReadonlyMap<number, DepthBook> {
	const books = new Map([1, 2].map((symbolId) => [symbolId, new DepthBook()]));
	for (const event of trades.flatMap((records) => records.flatMap(({ events }) => events))) {
		if (event.kind !== EventKind.LevelChanged) continue;
		books.get(event.symbolId)?.apply(event.side, event.priceTicks, event.qtyLots);
	}
	return books;
}

/** Each best price that is known is one of the book's, and no worse than that of an own order. */
function pricesStand(
	{ market, orders }: AccountState,
	books: ReadonlyMap<number, DepthBook>,
	userIds: readonly number[],
): void {
	for (const [symbolId, book] of books) {
		const { bidTicks, askTicks } = market.reference(symbolId);
		const own = userIds
			.flatMap((userId) => orders.openOf(userId, symbolId))
			.filter(({ state }) => state.workingAtMs > 0 && hasLimitPrice(state.type));
		const ownOf = (side: Side) =>
			own.filter(({ state }) => state.side === side).map(({ state }) => state.priceTicks);
		expect(bidTicks).toBeGreaterThanOrEqual(Math.max(0, ...ownOf(Side.Buy)));
		if (askTicks > 0 || ownOf(Side.Sell).length > 0) {
			expect(askTicks).toBeLessThanOrEqual(Math.min(askTicks, ...ownOf(Side.Sell)));
			expect(book.lotsAt(Side.Sell, askTicks)).toBeGreaterThan(0);
		}
		if (bidTicks > 0) expect(book.lotsAt(Side.Buy, bidTicks)).toBeGreaterThan(0);
	}
}

function nameOf(userId: number, { partition, evSeq, n }: UserEventId): string {
	return `${userId}/${partition}/${evSeq}/${n}`;
}

function numbered(prefix: string, n: number): string[] {
	return Array.from({ length: n }, (_, i) => `${prefix}${i}`);
}
