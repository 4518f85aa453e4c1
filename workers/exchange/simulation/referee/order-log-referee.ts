import { isOpen, type OrderState } from "../../../../schemas/order-state.ts";
import type { OrderLog, OrderLogBatch } from "../../../../schemas/ports/order-log.ts";
import type { MarketModel } from "./market-model.ts";
import type { ModelOrder } from "./model-order.ts";
import type { ModelFill } from "./referee.ts";

/** A fill with its name: symbol, trade and side. */
export type NamedFill = ModelFill & { readonly symbolId: number };

/**
 * 17 and 18: what is written to the order log is what `trades` made of each order up to there, and all
 * of it; so the order log agrees with ledger and book at the same position.
 */
export class OrderLogReferee {
	private readonly fault: (text: string) => void;
	private readonly market: MarketModel;
	/** By partition, ascending by evSeq. */
	private readonly fills: NamedFill[][] = [];
	/** By partition: what is written, and up to where all of that was looked at. */
	private readonly written: number[] = [];
	private readonly checked: number[] = [];

	constructor(fault: (text: string) => void, market: MarketModel) {
		this.fault = fault;
		this.market = market;
	}

	filled(partition: number, fill: NamedFill): void {
		this.fillsOf(partition).push(fill);
	}

	/** A batch is stored, by whoever wrote it. */
	writes({ partition, evSeq, orders, fills }: OrderLogBatch): void {
		const from = this.written[partition] ?? 0;
		const rows = new Set<ModelOrder | undefined>();
		for (const row of orders) rows.add(this.checkRow(row, evSeq));
		for (const order of this.market.changedIn(partition, from, evSeq)) {
			if (!rows.has(order))
				this.fault(`17: ${nameOf(order)} changed before ${evSeq} and is not written`);
		}
		const texts = new Set(fills.map(textOf));
		const due = this.fillsOf(partition);
		for (let i = due.length - 1; i >= 0; i -= 1) {
			const fill = due[i] as NamedFill;
			if (fill.evSeq <= from) break;
			if (fill.evSeq > evSeq || texts.has(textOf(fill))) continue;
			this.fault(`17: a fill of trade ${fill.tradeId} before ${evSeq} is not written`);
		}
		this.written[partition] = Math.max(from, evSeq);
	}

	/** At a crash: its open orders, and those that changed since the last time. */
	async whole(orderLog: OrderLog, partition: number): Promise<void> {
		const evSeq = this.written[partition] ?? 0;
		const changed = this.market.changedIn(partition, this.checked[partition] ?? 0, evSeq);
		this.checked[partition] = evSeq;
		const ended = [...changed].filter((order) => order.at(evSeq)?.ended === true);
		// All is asked for in one step: nothing is written in between.
		const [position, open, rows] = await Promise.all([
			orderLog.position(partition),
			orderLog.openOrders(partition),
			Promise.all(
				ended.map(({ userId, spec, orderId }) =>
					orderLog.orderById(userId, spec.symbolId, orderId),
				),
			),
		]);
		if (position.evSeq !== evSeq) {
			this.fault(
				`17: the order log stands at ${position.evSeq} of ${partition}, written is ${evSeq}`,
			);
		}
		for (const row of open) this.checkRow(row, evSeq);
		for (const [i, row] of rows.entries()) {
			if (row === null) this.fault(`17: ${nameOf(ended[i] as ModelOrder)} is not in the order log`);
			else this.checkRow(row, evSeq);
		}
		const due = this.market.openAt(partition, evSeq);
		if (due !== open.length) {
			this.fault(
				`17: ${open.length} orders are open in the order log at ${evSeq}, ${due} by trades`,
			);
		}
	}

	private checkRow(row: OrderState, evSeq: number): ModelOrder | undefined {
		const order = this.market.order(row.symbolId, row.orderId);
		const point = order?.at(evSeq);
		const right =
			point?.cumLots === row.cumQtyLots &&
			point.cumTickLots === row.cumTickLots &&
			point.preventedLots === row.preventedLots &&
			point.ended === !isOpen(row.status) &&
			order?.userId === row.userId;
		if (!right) this.fault(`17: order ${row.orderId} at ${evSeq} is another in the order log`);
		return order;
	}

	private fillsOf(partition: number): NamedFill[] {
		const fills = this.fills[partition] ?? [];
		this.fills[partition] = fills;
		return fills;
	}
}

function nameOf({ orderId, spec }: ModelOrder): string {
	return `order ${orderId} of ${spec.symbol}`;
}

type TextFill = Pick<NamedFill, "symbolId" | "tradeId" | "isMaker" | "qtyLots" | "feeAmount">;

function textOf({ symbolId, tradeId, isMaker, qtyLots, feeAmount }: TextFill): string {
	return `${symbolId}/${tradeId}/${isMaker}/${qtyLots}/${feeAmount}`;
}
