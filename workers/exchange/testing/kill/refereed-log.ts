import { CommandKind, type OrdersRecord } from "../../../../schemas/command.ts";
import type { EventRecord } from "../../../../schemas/event.ts";
import type { Log } from "../../../../schemas/ports/log.ts";
import { Referee } from "../../simulation/referee/referee.ts";
import { queueBounds } from "../../simulation/short-queue.ts";
import { Tally } from "../../simulation/tally.ts";

const AT_ONCE = 10_000;

/**
 * Both topics, read on from where they were read before, by the simulation's referee: invariants 5 to 11,
 * 14, 20 and 22 of everything that was ever written.
 */
export class RefereedLog {
	/** Client ids of the orders in it. */
	readonly placed = new Set<string>();
	records = 0;
	private readonly found: string[] = [];
	private readonly referee = new Referee(
		(text) => this.found.push(text),
		new Tally(),
		queueBounds("none"),
		{ nowMs: () => 0, breaks: () => false },
	);
	private readonly next = new Map<string, number>();

	/** Reads what is new; what is wrong with it. Events first: each one's command is there by then. */
	async faults(orders: Log<OrdersRecord>, trades: Log<EventRecord>): Promise<string[]> {
		const events = await this.news(trades);
		const commands = await this.news(orders);
		for (const { partition, record } of commands) this.ordered(partition, record);
		for (const { partition, record } of events) this.referee.traded(partition, record);
		return this.found.splice(0);
	}

	/** Of all partitions, by time, each in its own order: the referee sees one exchange. */
	private async news<R extends { readonly ts: number }>(topic: Log<R>) {
		const found: { readonly partition: number; readonly record: R; readonly time: number }[] = [];
		for (let partition = 0; partition < topic.partitions; partition += 1) {
			const mark = `${topic.topic} ${partition}`;
			let next = this.next.get(mark) ?? 0;
			let time = 0;
			const end = await topic.end(partition);
			while (next < end) {
				const entries = await topic.read(partition, next, Math.min(AT_ONCE, end - next));
				for (const { record } of entries) {
					time = Math.max(time, record.ts);
					found.push({ partition, record, time });
				}
				next += entries.length;
			}
			this.next.set(mark, next);
		}
		this.records += found.length;
		return found.sort((a, b) => a.time - b.time);
	}

	private ordered(partition: number, record: OrdersRecord): void {
		this.referee.ordered(partition, record);
		const { command } = record;
		if (command?.kind === CommandKind.PlaceOrder) this.placed.add(command.clientOrderId);
	}
}
