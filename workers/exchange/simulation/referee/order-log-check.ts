import { isOpen, type OrderState } from "../../../../schemas/order-state.ts";
import { PARTITIONS } from "../size.ts";
import type { World } from "../world.ts";
import type { ModelOrder } from "./model-order.ts";
import type { ModelFill } from "./referee.ts";

/** Between two looks at how far it has come, ms. */
const LOOK_AGAIN_MS = 50;

/** 17 and 18: the order log has every order as `trades` made it, and every fill with its fee. */
export class OrderLogCheck {
	private readonly world: World;
	/** By partition: up to where it was right before. */
	private checked: number[] = [];

	constructor(world: World) {
		this.world = world;
	}

	/** At rest, when it gets to the end of `trades`. */
	async check(): Promise<void> {
		const { world } = this;
		for (let partition = 0; partition < PARTITIONS; partition += 1) await this.reached(partition);
		const open = new Map<string, OrderState>();
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			for (const order of await world.orderLog.openOrders(partition))
				open.set(nameOf(order), order);
		}
		for (const { spec, orders } of world.referee.market.symbols.values()) {
			const { symbolId, partition } = spec;
			const from = this.checked[partition] ?? 0;
			const users = new Set<number>();
			for (const order of orders.values()) {
				users.add(order.userId);
				if ((order.points.at(-1)?.evSeq ?? 0) > from) await this.order(order, open);
			}
			for (const userId of users) await this.fills(userId, symbolId, from);
		}
		this.checked = world.referee.log.ends();
	}

	private async reached(partition: number): Promise<void> {
		const { world } = this;
		const end = world.referee.log.ends()[partition] ?? 0;
		for (let waitedMs = 0; waitedMs < 60_000; waitedMs += LOOK_AGAIN_MS) {
			const { evSeq } = await world.orderLog.position(partition);
			if (evSeq >= end) return;
			await world.time.advance(LOOK_AGAIN_MS);
		}
		world.fault(`17: the order log does not reach ${end} of partition ${partition}`);
	}

	private async order(order: ModelOrder, open: ReadonlyMap<string, OrderState>): Promise<void> {
		const { userId, orderId, spec } = order;
		const { symbolId } = spec;
		const ended = await this.world.orderLog.orderById(userId, symbolId, orderId);
		const row = ended ?? open.get(nameOf({ symbolId, orderId }));
		const same =
			row?.cumQtyLots === order.cumLots &&
			row.cumTickLots === order.cumTickLots &&
			isOpen(row.status) !== order.ended;
		if (!same) this.world.fault(`17: order ${orderId} of ${spec.symbol} is another in its log`);
	}

	/** The user's fills after the record up to which they were checked before. */
	private async fills(userId: number, symbolId: number, from: number): Promise<void> {
		const due = this.world.referee.fillsOf(userId, symbolId).filter(({ evSeq }) => evSeq > from);
		const [first] = due;
		if (first === undefined) return;
		const fromTradeId = first.tradeId;
		const range = { orderId: 0, fromTradeId, startMs: 0, endMs: 0, limit: 100_000 };
		const rows = await this.world.orderLog.fills(userId, symbolId, range);
		const listed = rows.map(textOfFill).sort().join();
		if (due.map(textOfFill).sort().join() !== listed) {
			this.world.fault(`17: user ${userId} has other fills of symbol ${symbolId} in the order log`);
		}
	}
}

function nameOf({ symbolId, orderId }: Pick<OrderState, "symbolId" | "orderId">): string {
	return `${symbolId}/${orderId}`;
}

function textOfFill({ tradeId, isMaker, priceTicks, qtyLots, feeAmount }: ModelFill): string {
	return `${tradeId}/${isMaker}/${priceTicks}/${qtyLots}/${feeAmount}`;
}
