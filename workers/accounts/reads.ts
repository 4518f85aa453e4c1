import { OrderStatus } from "../../schemas/order.ts";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type {
	AccountAnswer,
	FindAnswer,
	FindRequest,
	FundsHistoryRequest,
	FundsMovement,
	OrderCount,
	Outcome,
	RecentAnswer,
} from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type { Desk } from "./desk.ts";
import { rejected } from "./outcomes.ts";

/** Queries: from memory, only while the worker may answer. */
export class Reads {
	private readonly desk: Desk;

	constructor(desk: Desk) {
		this.desk = desk;
	}

	account(userId: number): Outcome<AccountAnswer> {
		const { state, auditor } = this.desk;
		return this.answer({
			userId,
			balances: state.balances.linesOf(userId),
			updatedAtMs: state.updatedAtMs(userId),
			frozen: state.access.isFrozen(userId),
			withdrawalsStopped: auditor.withdrawalsStopped,
		});
	}

	/** Only orders whose event is settled: an unanswered one is not an order yet. */
	openOrders(userId: number, symbolId: number): Outcome<readonly OrderState[]> {
		const orders = this.desk.state.orders.openOf(userId, symbolId).map(({ state }) => state);
		return this.answer(
			orders
				.filter(({ status }) => status !== OrderStatus.Pending)
				.sort((a, b) => a.createdAtMs - b.createdAtMs || a.orderId - b.orderId),
		);
	}

	find(userId: number, request: FindRequest): Promise<Outcome<FindAnswer>> {
		const { symbolId, orderId, clientOrderId } = request;
		const { orders, market } = this.desk.state;
		const spec = market.symbol(symbolId);
		if (spec === undefined) return Promise.resolve(this.unknownSymbol());
		const tracked =
			orderId > 0
				? orders.find(symbolId, orderId)
				: orders.findByClientId(userId, symbolId, clientOrderId);
		if (tracked === undefined || tracked.state.userId !== userId) {
			const { partition } = spec;
			const floorEvSeq = orders.finished.floor(partition);
			return Promise.resolve(this.answer({ found: false, partition, floorEvSeq }));
		}
		const order = tracked.state;
		if (order.status === OrderStatus.Pending) {
			return new Promise((resolve) => {
				tracked.onAnswered(() => resolve(this.find(userId, request)));
			});
		}
		if (orderId > 0 && clientOrderId !== "" && order.clientOrderId !== clientOrderId) {
			const refusal = { reason: "clientOrderIdMismatch" } as const;
			return Promise.resolve(this.desk.answers.now({ ok: false, refusal }));
		}
		return Promise.resolve(this.answer({ found: true, order, fills: tracked.fills.slice() }));
	}

	recentOrders(userId: number, symbolId: number): Outcome<RecentAnswer> {
		const { state } = this.desk;
		const spec = state.market.symbol(symbolId);
		if (spec === undefined) return this.unknownSymbol();
		const orders: OrderState[] = [];
		const fills: Fill[] = [];
		for (const tracked of state.orders.keptOf(userId, symbolId)) {
			if (tracked.state.status === OrderStatus.Pending) continue;
			orders.push(tracked.state);
			fills.push(...tracked.fills);
		}
		orders.sort((a, b) => a.orderId - b.orderId);
		fills.sort((a, b) => a.tradeId - b.tradeId);
		const { partition } = spec;
		return this.answer({
			orders,
			fills,
			partition,
			floorEvSeq: state.orders.finished.floor(partition),
		});
	}

	orderCounts(userId: number): Outcome<readonly OrderCount[]> {
		return this.answer(this.desk.state.counts.of(userId, this.desk.clock.nowMs()));
	}

	/** Of withdrawals nothing while they are stopped: whoever pays out by the list would pay. */
	fundsHistory(userId: number, request: FundsHistoryRequest): Outcome<readonly FundsMovement[]> {
		const { state, auditor, answers } = this.desk;
		if (request.kind === "withdrawal" && auditor.withdrawalsStopped) {
			return answers.now({ ok: false, refusal: { reason: "withdrawalsStopped" } });
		}
		const rows = state.funds.done(userId, request.kind)?.newest(request) ?? [];
		return this.answer(
			rows.map(({ assetId, amount, externalId, doneAtMs }) => ({
				...{ assetId, amount, externalId, doneAtMs },
			})),
		);
	}

	private unknownSymbol(): Outcome<never> {
		const refusal = rejected(Rejection.UnknownSymbol);
		return this.desk.answers.now({ ok: false, refusal });
	}

	private answer<T>(value: T): Outcome<T> {
		return this.desk.answers.now({ ok: true, value });
	}
}
