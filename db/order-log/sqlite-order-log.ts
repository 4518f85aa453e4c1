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
import { OrderLogFile } from "./order-log-file.ts";

/** The order log in a SQLite file on this thread; ":memory:" for simulations and tests. */
export class SqliteOrderLog implements OrderLog {
	private readonly file: OrderLogFile;

	constructor(options: { readonly path: string }) {
		this.file = new OrderLogFile(options.path);
	}

	async write(batch: OrderLogBatch): Promise<void> {
		this.file.write(batch);
	}

	async position(partition: number): Promise<WrittenPosition> {
		return this.file.position(partition);
	}

	async orderById(userId: number, symbolId: number, orderId: number): Promise<OrderState | null> {
		return this.file.orderById(userId, symbolId, orderId);
	}

	async orderByClientId(
		userId: number,
		symbolId: number,
		clientOrderId: string,
	): Promise<OrderState | null> {
		return this.file.orderByClientId(userId, symbolId, clientOrderId);
	}

	async orders(
		userId: number,
		symbolId: number,
		range: OrderRange,
	): Promise<readonly OrderState[]> {
		return this.file.orders(userId, symbolId, range);
	}

	async fills(userId: number, symbolId: number, range: FillRange): Promise<readonly Fill[]> {
		return this.file.fills(userId, symbolId, range);
	}

	async amendments(
		userId: number,
		symbolId: number,
		range: AmendmentRange,
	): Promise<readonly Amendment[]> {
		return this.file.amendments(userId, symbolId, range);
	}

	async preventedMatches(
		userId: number,
		symbolId: number,
		range: PreventedMatchRange,
	): Promise<readonly PreventedMatch[]> {
		return this.file.preventedMatches(userId, symbolId, range);
	}

	async openOrders(partition: number): Promise<readonly OrderState[]> {
		return this.file.openOrders(partition);
	}

	async changesAfter(partition: number, evSeq: number): Promise<OrderLogChanges> {
		return this.file.changesAfter(partition, evSeq);
	}

	/** There is none: rows and position are one transaction. */
	async dropUnfinished(): Promise<number> {
		return 0;
	}

	async sync(): Promise<void> {
		this.file.sync();
	}

	async close(): Promise<void> {
		this.file.close();
	}
}
