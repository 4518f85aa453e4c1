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

	private constructor(thread: ThreadClient<OrderLogCore>) {
		this.thread = thread;
	}

	/** @throws Error when the file cannot be opened or is of another version */
	static async open(options: {
		readonly path: string;
		readonly scheduler: Scheduler;
	}): Promise<WorkerOrderLog> {
		const module = new URL("./order-log-thread.ts", import.meta.url);
		return new WorkerOrderLog(
			await ThreadClient.start<OrderLogCore>(module, options.path, options.scheduler),
		);
	}

	write(batch: OrderLogBatch): Promise<void> {
		return this.thread.call("write", encodeOrderLogBatch(batch));
	}

	position(partition: number): Promise<WrittenPosition> {
		return this.thread.call("position", partition);
	}

	orderById(userId: number, symbolId: number, orderId: number): Promise<OrderState | null> {
		return this.thread.call("orderById", userId, symbolId, orderId);
	}

	orderByClientId(
		userId: number,
		symbolId: number,
		clientOrderId: string,
	): Promise<OrderState | null> {
		return this.thread.call("orderByClientId", userId, symbolId, clientOrderId);
	}

	orders(userId: number, symbolId: number, range: OrderRange): Promise<readonly OrderState[]> {
		return this.thread.call("orders", userId, symbolId, range);
	}

	fills(userId: number, symbolId: number, range: FillRange): Promise<readonly Fill[]> {
		return this.thread.call("fills", userId, symbolId, range);
	}

	amendments(
		userId: number,
		symbolId: number,
		range: AmendmentRange,
	): Promise<readonly Amendment[]> {
		return this.thread.call("amendments", userId, symbolId, range);
	}

	preventedMatches(
		userId: number,
		symbolId: number,
		range: PreventedMatchRange,
	): Promise<readonly PreventedMatch[]> {
		return this.thread.call("preventedMatches", userId, symbolId, range);
	}

	openOrders(partition: number): Promise<readonly OrderState[]> {
		return this.thread.call("openOrders", partition);
	}

	changesAfter(partition: number, evSeq: number): Promise<OrderLogChanges> {
		return this.thread.call("changesAfter", partition, evSeq);
	}

	sync(): Promise<void> {
		return this.thread.call("sync");
	}

	/** Ends the thread after what was asked before. */
	close(): Promise<void> {
		return this.thread.close("close");
	}
}
