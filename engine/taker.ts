import type { Side, StpMode } from "../schemas/order.ts";

/**
 * The incoming order while it passes over the book. One object, refilled for every order: nothing is
 * allocated per command.
 */
export class Taker {
	orderId = 0;
	userId = 0;
	side: Side = 0;
	/** The worst price it takes; a market order's is the end of the price range. */
	limitTicks = 0;
	/** Its total quantity; 0 for a quote-amount buy, which has none. */
	qtyLots = 0;
	/** What can still trade; the largest safe integer for a quote-amount buy. */
	leavesLots = 0;
	/** Whether capLeftTickLots binds. */
	capped = false;
	capLeftTickLots = 0;
	displayLots = 0;
	stpMode: StpMode = 0;
	makerFeePpm = 0;
	takerFeePpm = 0;
	/** Whether anything of it traded. */
	traded = false;
	/** Whether self-trade prevention ended it. */
	prevented = false;

	/** Lots it can still take at a price: what is left, within what is left of its cap. */
	roomAt(priceTicks: number): number {
		if (!this.capped) return this.leavesLots;
		return Math.min(this.leavesLots, Math.floor(this.capLeftTickLots / priceTicks));
	}

	/** Takes quantity out of it, and its worth out of its cap. */
	consume(priceTicks: number, lots: number): void {
		this.leavesLots -= lots;
		if (this.capped) this.capLeftTickLots -= priceTicks * lots;
	}

	/** What its terminal event says was left. */
	reportedLeaves(): number {
		return this.qtyLots === 0 ? 0 : this.leavesLots;
	}
}
