import type { Amendment, Fill, OrderState, PreventedMatch } from "../../schemas/order-state.ts";
import type {
	AmendmentRange,
	FillRange,
	OrderLog,
	OrderLogBatch,
	OrderLogChanges,
	OrderRange,
	PreventedMatchRange,
	WrittenPosition,
} from "../../schemas/ports/order-log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { ThreadClient } from "../thread/thread-client.ts";
import type { OrderLogCore } from "./order-log-core.ts";
import { encodeOrderLogBatch } from "./order-state-codec.ts";

/** The order log in a SQLite file on a thread of its own: the embedded default. */
export class WorkerOrderLog implements OrderLog {
	private readonly thread: ThreadClient<OrderLogCore>;
	private readonly scheduler: Scheduler;
	/** What was written so far is with the thread, or never will be: what is asked now comes after it there. */
	private handedOver: Promise<unknown> = Promise.resolve();

	private constructor(thread: ThreadClient<OrderLogCore>, scheduler: Scheduler) {
		this.thread = thread;
		this.scheduler = scheduler;
	}

	/** @throws Error when the file cannot be opened or is of another version */
	static async open(options: {
		readonly path: string;
		readonly scheduler: Scheduler;
	}): Promise<WorkerOrderLog> {
		const module = new URL("./order-log-thread.ts", import.meta.url);
		const { path, scheduler } = options;
		const thread = await ThreadClient.start<OrderLogCore>(module, path, scheduler);
		return new WorkerOrderLog(thread, scheduler);
	}

	async write(batch: OrderLogBatch): Promise<void> {
		const texts = this.handedOver.then(() => this.textsOf(batch));
		this.handedOver = texts.catch(() => {});
		return this.thread.call("write", await texts);
	}

	position(partition: number): Promise<WrittenPosition> {
		return this.ask("position", partition);
	}

	orderById(userId: number, symbolId: number, orderId: number): Promise<OrderState | null> {
		return this.ask("orderById", userId, symbolId, orderId);
	}

	orderByClientId(
		userId: number,
		symbolId: number,
		clientOrderId: string,
	): Promise<OrderState | null> {
		return this.ask("orderByClientId", userId, symbolId, clientOrderId);
	}

	orders(userId: number, symbolId: number, range: OrderRange): Promise<readonly OrderState[]> {
		return this.ask("orders", userId, symbolId, range);
	}

	fills(userId: number, symbolId: number, range: FillRange): Promise<readonly Fill[]> {
		return this.ask("fills", userId, symbolId, range);
	}

	amendments(
		userId: number,
		symbolId: number,
		range: AmendmentRange,
	): Promise<readonly Amendment[]> {
		return this.ask("amendments", userId, symbolId, range);
	}

	preventedMatches(
		userId: number,
		symbolId: number,
		range: PreventedMatchRange,
	): Promise<readonly PreventedMatch[]> {
		return this.ask("preventedMatches", userId, symbolId, range);
	}

	openOrders(partition: number): Promise<readonly OrderState[]> {
		return this.ask("openOrders", partition);
	}

	changesAfter(partition: number, evSeq: number): Promise<OrderLogChanges> {
		return this.ask("changesAfter", partition, evSeq);
	}

	/** There is none: rows and position are one transaction. */
	async dropUnfinished(): Promise<number> {
		return 0;
	}

	sync(): Promise<void> {
		return this.ask("sync");
	}

	/** Ends the thread after what was asked before. */
	async close(): Promise<void> {
		await this.handedOver;
		return this.thread.close("close");
	}

	private async ask<K extends keyof OrderLogCore & string>(
		method: K,
		...args: Parameters<OrderLogCore[K]>
	): Promise<ReturnType<OrderLogCore[K]>> {
		await this.handedOver;
		return this.thread.call(method, ...args);
	}

	/** Lets everything else have its turn after each of them. */
	private async textsOf(batch: OrderLogBatch): Promise<readonly string[]> {
		const texts: string[] = [];
		for (const text of encodeOrderLogBatch(batch)) {
			texts.push(text);
			if (texts.length > 1) await new Promise<void>((resolve) => this.scheduler.soon(resolve));
		}
		return texts;
	}
}
