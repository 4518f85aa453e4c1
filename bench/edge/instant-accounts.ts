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
		const order = this.state(caller, request, orderId, filled);
		return {
			order,
			fills: filled ? [this.fillOf(order)] : [],
			transactMs: order.createdAtMs,
			orderCounts: countsOf(orderId),
		};
	}

	private canceled(caller: Caller, request: CancelRequest): CancelAnswer {
		const place: PlaceRequest = {
			...{ symbolId: request.symbolId, side: 0, type: 0, timeInForce: 0, byQuote: false },
			...{ priceTicks: 5_999_500, qtyLots: 500, stopPriceTicks: 0, quoteTickLots: 0 },
			...{ displayLots: 0, stpMode: 1, clientOrderId: "", clientIdGiven: false },
			...{ strategyId: 0, strategyType: 0 },
		};
		const order = this.state(caller, place, request.orderId, false);
		const { clientOrderId } = request;
		return {
			order: { ...order, status: OrderStatus.Canceled, clientOrderId },
			...{ origClientOrderId: "theFirstNameOfTheOrder", clientOrderId },
			transactMs: order.updatedAtMs,
		};
	}

	private state(
		caller: Caller,
		request: PlaceRequest,
		orderId: number,
		filled: boolean,
	): OrderState {
		const nowMs = Date.now();
		const { quoteTickLots, ...order } = request;
		return {
			...order,
			...{ capTickLots: quoteTickLots, makerFeePpm: 1_000, takerFeePpm: 1_000 },
			...{ partition: 0, shard: 1, seq: orderId, orderId, userId: caller.userId },
			status: filled ? OrderStatus.Filled : OrderStatus.New,
			expiryReason: ExpiryReason.None,
			cumQtyLots: filled ? order.qtyLots : 0,
			cumTickLots: filled ? order.qtyLots * order.priceTicks : 0,
			...{ preventedLots: 0, preventedTickLots: 0, preventedMatchId: 0 },
			...{ holdAssetId: 3, heldAmount: 0n },
			...{ createdAtMs: nowMs, updatedAtMs: nowMs, workingAtMs: nowMs, evSeq: orderId },
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
