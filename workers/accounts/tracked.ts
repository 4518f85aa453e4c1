import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type { ReportDraft } from "./user-events.ts";

/** One user's orders of one symbol. */
export interface SymbolOrders {
	/** Open and lately finished, oldest first. */
	readonly kept: Set<Tracked>;
	open: number;
	/** Open stops and take-profits that have not triggered. */
	stops: number;
	/** The newest order that went by a client id. */
	readonly byClientId: Map<string, Tracked>;
}

export interface UserOrders {
	readonly open: Set<Tracked>;
	readonly bySymbol: Map<number, SymbolOrders>;
}

/** An amend on its way: its seq, and the id it asks for, which may be the order's own. */
export interface Amend {
	readonly userId: number;
	readonly seq: number;
	readonly clientOrderId: string;
}

/** An order as the worker keeps it: its state is replaced, never changed, so it is handed out as it is. */
export class Tracked {
	state: OrderState;
	/** Where it is kept. */
	readonly user: UserOrders;
	readonly symbol: SymbolOrders;
	/** When it ended, by the worker's clock; 0 while it is open. */
	finishedAtMs = 0;
	/** Whether the ledger has it as open. */
	inLedger = false;
	/** Differs from what was last copied for the ledger. */
	dirty = false;
	/** The amend that is not answered yet. */
	amend: Amend | null = null;
	/** What an amend renamed it from; its own id when it was not renamed. */
	formerClientOrderId = "";
	/** Its last TRADE report, which its OrderFilled completes. */
	lastTrade: ReportDraft | null = null;
	private ownFills: Fill[] | null = null;
	private waiters: (() => void)[] | null = null;

	constructor(state: OrderState, user: UserOrders, symbol: SymbolOrders) {
		this.state = state;
		this.user = user;
		this.symbol = symbol;
	}

	/** Its fills since this worker started, in order. */
	get fills(): readonly Fill[] {
		return this.ownFills ?? NONE;
	}

	addFill(fill: Fill): void {
		if (this.ownFills === null) this.ownFills = [fill];
		else this.ownFills.push(fill);
	}

	/** Called once, when the order's command is answered. */
	onAnswered(run: () => void): void {
		if (this.waiters === null) this.waiters = [run];
		else this.waiters.push(run);
	}

	/** Takes those who wait for the answer. */
	takeWaiters(): readonly (() => void)[] {
		if (this.waiters === null) return NONE;
		const { waiters } = this;
		this.waiters = null;
		return waiters;
	}
}

/** Most orders have neither fills nor anybody waiting: they share this. */
const NONE: readonly never[] = [];
