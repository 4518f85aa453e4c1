import type { NewOrder } from "../../../../schemas/command.ts";
import { hasLimitPrice, isStopType, Side } from "../../../../schemas/order.ts";
import type { SymbolSpec } from "../../../../schemas/symbol.ts";

/** An order after one event record. */
export interface OrderPoint {
	readonly evSeq: number;
	readonly cumLots: number;
	readonly cumTickLots: number;
	readonly preventedLots: number;
	readonly qtyLots: number;
	readonly ended: boolean;
	readonly held: bigint;
}

/** An order as the events have made it, kept by the referee's own reckoning. */
export class ModelOrder {
	readonly spec: SymbolSpec;
	readonly orderId: number;
	readonly userId: number;
	readonly seq: number;
	readonly order: NewOrder;
	readonly admittedEvSeq: number;
	clientOrderId: string;
	clientIdGiven: boolean;
	qtyLots: number;
	cumLots = 0;
	cumTickLots = 0;
	preventedLots = 0;
	preventedTickLots = 0;
	ended = false;
	/** It ended since nothing of it was left. */
	isFilled = false;
	/** Time of its terminal event. */
	endTs = 0;
	/** Waits for its trigger. */
	waits: boolean;
	/** Since when it rests, in the order of resting; 0 while it does not. */
	restedAt = 0;
	readonly points: OrderPoint[] = [];

	constructor(
		spec: SymbolSpec,
		orderId: number,
		userId: number,
		seq: number,
		order: NewOrder,
		evSeq: number,
	) {
		this.spec = spec;
		this.orderId = orderId;
		this.userId = userId;
		this.seq = seq;
		this.order = order;
		this.admittedEvSeq = evSeq;
		this.clientOrderId = order.clientOrderId;
		this.clientIdGiven = order.clientIdGiven;
		this.qtyLots = order.qtyLots;
		this.waits = isStopType(order.type);
		this.mark(evSeq);
	}

	/** Lots that can still trade; a buy by quote amount has no quantity of its own. */
	get leavesLots(): number {
		return this.order.qtyLots === 0
			? Number.MAX_SAFE_INTEGER
			: this.qtyLots - this.cumLots - this.preventedLots;
	}

	/** Tick-lots of its budget that are left. */
	get capLeft(): number {
		const { capTickLots } = this.order;
		return capTickLots === 0
			? Number.MAX_SAFE_INTEGER
			: capTickLots - this.cumTickLots - this.preventedTickLots;
	}

	/** Invariant 4, by the hold table. */
	get held(): bigint {
		if (this.ended) return 0n;
		const { order, spec } = this;
		if (order.side === Side.Sell) return BigInt(this.leavesLots) * BigInt(spec.baseUnitsPerLot);
		const unit = BigInt(spec.quoteUnitsPerTickLot);
		if (hasLimitPrice(order.type)) return BigInt(order.priceTicks) * BigInt(this.leavesLots) * unit;
		return BigInt(this.capLeft) * unit;
	}

	/** Remembers how it stands after this record. */
	mark(evSeq: number): void {
		const point: OrderPoint = {
			evSeq,
			cumLots: this.cumLots,
			cumTickLots: this.cumTickLots,
			preventedLots: this.preventedLots,
			qtyLots: this.qtyLots,
			ended: this.ended,
			held: this.held,
		};
		if (this.points.at(-1)?.evSeq === evSeq) this.points[this.points.length - 1] = point;
		else this.points.push(point);
	}

	/** How it stood at a position; undefined before it was admitted. */
	at(evSeq: number): OrderPoint | undefined {
		for (let i = this.points.length - 1; i >= 0; i -= 1) {
			const point = this.points[i] as OrderPoint;
			if (point.evSeq <= evSeq) return point;
		}
		return undefined;
	}
}
