import { ExpiryReason, OrderStatus } from "../../schemas/order.ts";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type {
	AccountService,
	Caller,
	CancelAnswer,
	CancelRequest,
	OrderCount,
	Outcome,
	PlaceAnswer,
	PlaceRequest,
} from "../../schemas/ports/account-service.ts";
import type { VenueView } from "../../schemas/venue-config.ts";

/** One in so many orders is filled at once: 15 of the 75 of a hundred calls that place one. */
const FILLED_ONE_IN = 5;

/** What every cancel meets. */
const RESTING: PlaceRequest = {
	...{ symbolId: 1, side: 0, type: 0, timeInForce: 0, byQuote: false },
	...{ priceTicks: 5_999_500, qtyLots: 500, stopPriceTicks: 0, quoteTickLots: 0 },
	...{ displayLots: 0, stpMode: 1, clientOrderId: "", clientIdGiven: false },
	...{ strategyId: 0, strategyType: 0 },
};

/**
 * Stands where the account worker stands, and knows nothing: every order is taken, every cancel meets
 * one. Answers come as the worker's do, together, after what arrived together.
 */
export class InstantAccounts {
	private readonly venue: VenueView;
	private answered: (() => void)[] = [];
	private orders = 0;

	constructor(venue: VenueView) {
		this.venue = venue;
	}

	/** Only the calls that the load makes. */
	service(): AccountService {
		const calls: Partial<AccountService> = {
			placeOrder: (caller, request) => this.later(() => this.placed(caller, request)),
			cancelOrder: (caller, request) => this.later(() => this.canceled(caller, request)),
		};
		return calls as AccountService;
	}

	private later<T>(answer: () => T): Promise<Outcome<T>> {
		if (this.answered.length === 0) setImmediate(() => this.answerAll());
		return new Promise((resolve) => {
			this.answered.push(() => resolve({ ok: true, value: answer() }));
		});
	}

	private answerAll(): void {
		const answered = this.answered;
		this.answered = [];
		for (const answer of answered) answer();
	}

	private placed(caller: Caller, request: PlaceRequest): PlaceAnswer {
		const orderId = ++this.orders;
		const filled = orderId % FILLED_ONE_IN === 0;
		const status = filled ? OrderStatus.Filled : OrderStatus.New;
		const order = this.state(caller, request, orderId, status);
		return {
			order,
			fills: filled ? [this.fillOf(order)] : [],
			transactMs: order.createdAtMs,
			orderCounts: countsOf(orderId),
		};
	}

	private canceled(caller: Caller, request: CancelRequest): CancelAnswer {
		const order = this.state(caller, RESTING, request.orderId, OrderStatus.Canceled);
		const { clientOrderId } = request;
		return {
			order,
			origClientOrderId: "theFirstNameOfTheOrder",
			clientOrderId,
			transactMs: order.updatedAtMs,
		};
	}

	/** Field by field: what this costs stands in the figures, too. */
	private state(
		caller: Caller,
		request: PlaceRequest,
		orderId: number,
		status: OrderStatus,
	): OrderState {
		const nowMs = Date.now();
		const filled = status === OrderStatus.Filled;
		return {
			side: request.side,
			type: request.type,
			timeInForce: request.timeInForce,
			byQuote: request.byQuote,
			priceTicks: request.priceTicks,
			qtyLots: request.qtyLots,
			capTickLots: request.quoteTickLots,
			stopPriceTicks: request.stopPriceTicks,
			displayLots: request.displayLots,
			stpMode: request.stpMode,
			makerFeePpm: 1_000,
			takerFeePpm: 1_000,
			clientOrderId: request.clientOrderId,
			clientIdGiven: request.clientIdGiven,
			strategyId: request.strategyId,
			strategyType: request.strategyType,
			partition: 0,
			symbolId: request.symbolId,
			shard: 1,
			seq: orderId,
			orderId,
			userId: caller.userId,
			status,
			expiryReason: ExpiryReason.None,
			cumQtyLots: filled ? request.qtyLots : 0,
			cumTickLots: filled ? request.qtyLots * request.priceTicks : 0,
			preventedLots: 0,
			preventedTickLots: 0,
			preventedMatchId: 0,
			holdAssetId: 3,
			heldAmount: 0n,
			createdAtMs: nowMs,
			updatedAtMs: nowMs,
			workingAtMs: nowMs,
			evSeq: orderId,
		};
	}

	private fillOf(order: OrderState): Fill {
		const symbol = this.venue.symbolById(order.symbolId);
		return {
			...{ partition: 0, symbolId: order.symbolId, tradeId: order.orderId },
			...{ orderId: order.orderId, userId: order.userId, side: order.side, isMaker: false },
			...{ priceTicks: order.priceTicks, qtyLots: order.qtyLots },
			feeAmount: BigInt(order.qtyLots),
			feeAssetId: symbol?.base.assetId ?? 1,
			...{ ts: order.createdAtMs, evSeq: order.evSeq },
		};
	}
}

function countsOf(count: number): readonly OrderCount[] {
	return [
		{ intervalMs: 10_000, limit: 1e9, count: count % 1_000 },
		{ intervalMs: 86_400_000, limit: 1e9, count: count % 100_000 },
	];
}
