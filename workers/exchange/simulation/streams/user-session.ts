import { CommandKind } from "../../../../schemas/command.ts";
import type { ModelOrder } from "../referee/model-order.ts";
import { ENDED } from "../replies.ts";
import type { World } from "../world.ts";
import type { Session } from "./session.ts";
import type { Wire } from "./wire.ts";

/** Execution ids of one event record. */
const PER_RECORD = 10_000;

/** What it hears of one partition. */
interface Feed {
	/** Number of the next record of its reports that is due, and how many of that have come. */
	next: number;
	got: number;
	lastId: number;
}

/** Of an execution report: what happened, the status, the ids of the call and of the order. */
interface Report {
	readonly x: string;
	readonly X: string;
	readonly c: string;
	readonly C: string;
}

/** An order has ended when it has, and not before; the trade that fills it says so. */
function faultOfStatus({ x, X }: Report, order: ModelOrder, lots: number): string | null {
	if (ENDED.has(X) && !order.ended) return `${X}, and it is open`;
	const fills = x === "TRADE" && order.isFilled && lots === order.cumLots;
	return fills && X !== "FILLED" ? `${X}, and it is filled` : null;
}

/**
 * A connection to the user's own stream: from its opening on, every execution report of the user comes
 * once, in the order of each partition, or the connection ends.
 */
export class UserSession implements Session {
	private readonly world: World;
	private readonly userId: number;
	private readonly feeds: Feed[] = [];

	constructor(world: World, userId: number) {
		this.world = world;
		this.userId = userId;
	}

	opened(_wire: Wire): void {
		// What happened before the opening may come, what happens after it must.
		for (const [partition, end] of this.world.referee.log.ends().entries()) {
			const reports = this.world.referee.reportsOf(this.userId, partition);
			const next = reports.findIndex(({ evSeq }) => evSeq > end);
			this.feeds[partition] = { next: next < 0 ? reports.length : next, got: 0, lastId: 0 };
		}
	}

	text(text: string): void {
		if (!text.startsWith('{"e":"executionReport"')) return;
		const event = JSON.parse(text);
		const { world } = this;
		const spec = world.referee.venue.symbol(event.s);
		const feed = this.feeds[spec?.partition ?? 0];
		if (spec === undefined || feed === undefined) return;
		world.tally.add("a user event is heard");
		const what = `user ${this.userId}: report ${event.I} of ${event.s}`;
		if (event.I <= feed.lastId) world.fault(`12: ${what} follows ${feed.lastId}`);
		feed.lastId = event.I;
		const evSeq = Math.floor(event.I / PER_RECORD);
		this.count(feed, spec.partition, evSeq, what);
		// Of an order that was never placed, since its cancel-replace went wrong halfway.
		if (event.i === 0) return;
		const order = world.referee.market.order(spec.symbolId, event.i);
		const lots = Math.round(Number(event.z) / Number(spec.lotSize));
		const before = order?.at(evSeq - 1)?.cumLots ?? 0;
		if (order?.userId !== this.userId || lots < before || lots > (order.at(evSeq)?.cumLots ?? 0)) {
			world.fault(`12: ${what} says ${event.z} of order ${event.i}`);
		}
		if (order === undefined) return;
		const fault = faultOfStatus(event, order, lots) ?? this.faultOfCancel(event, order, evSeq);
		if (fault !== null) world.fault(`12: ${what}: ${fault}`);
	}

	/** What a cancel calls itself, and the order that it cancels. */
	private faultOfCancel(event: Report, { spec }: ModelOrder, evSeq: number): string | null {
		const command = this.world.referee.log.record(spec.partition, evSeq)?.command;
		if (event.x !== "CANCELED" || command?.kind !== CommandKind.CancelOrder) return null;
		const right = event.c === command.clientOrderId && event.C !== "";
		return right ? null : `the cancel ${command.clientOrderId} is told as ${event.c}`;
	}

	ended(): void {}

	lacks(): string | null {
		for (const [partition, { next }] of this.feeds.entries()) {
			const due = this.world.referee.reportsOf(this.userId, partition)[next];
			if (due !== undefined) {
				return `reports of evSeq ${due.evSeq} of partition ${partition} to user ${this.userId}`;
			}
		}
		return null;
	}

	whole(): void {}

	takeStock(): void {}

	private count(feed: Feed, partition: number, evSeq: number, what: string): void {
		const reports = this.world.referee.reportsOf(this.userId, partition);
		const due = reports[feed.next];
		const before = reports[feed.next - 1];
		if (feed.got === 0 && (before?.evSeq ?? 0) >= evSeq) return;
		if (due?.evSeq !== evSeq) {
			this.world.fault(`12: ${what} came, due is one of evSeq ${due?.evSeq}: a silent hole`);
			return;
		}
		feed.got += 1;
		if (feed.got < due.count) return;
		feed.next += 1;
		feed.got = 0;
	}
}
