import { CommandKind } from "../../schemas/command.ts";
import type { EventRecord, Traded } from "../../schemas/event.ts";
import { feeOf } from "../../schemas/fee.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import { hasLimitPrice, Side } from "../../schemas/order.ts";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import {
	clearingAccount,
	EXTERNAL_ACCOUNT,
	FEE_ACCOUNT,
	type TransferKind,
} from "../../schemas/ports/ledger.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { baseAmount, quoteAmount } from "../shared/amounts.ts";
import { fillOf } from "../shared/order-lifecycle.ts";
import type { AccountState } from "./state.ts";

/** One side of an exchange of base against quote. */
interface Leg {
	readonly kind: TransferKind;
	readonly tradeId: number;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly feePpm: number;
}

/**
 * Money that moves between accounts, each movement with its transfer row; and holds that shrink. What
 * an order still holds after the last movement stands in `heldAfter`.
 */
export class Movements {
	heldAfter = 0n;
	private readonly state: AccountState;
	/** Number of the next transfer within the record. */
	private n = 0;
	private lastFee = 0n;

	constructor(state: AccountState) {
		this.state = state;
	}

	/** A new record of `trades`: transfers are numbered within it. */
	begin(): void {
		this.n = 0;
	}

	/** One order's side of a trade: pays from its hold, receives less the fee. */
	fill(record: EventRecord, order: OrderState, event: Traded, isMaker: boolean): Fill {
		const { tradeId, priceTicks, qtyLots } = event;
		const feePpm = isMaker ? event.makerFeePpm : event.takerFeePpm;
		const spec = this.state.market.symbolOfEvent(order.symbolId);
		this.exchange(record, spec, order, { kind: "fill", tradeId, priceTicks, qtyLots, feePpm });
		return fillOf(spec, event, isMaker, this.lastFee, record);
	}

	/** Self-trade prevention by transfer: money moves as in a trade, without fee or trade id. */
	stpTransfer(record: EventRecord, order: OrderState, priceTicks: number, qtyLots: number): void {
		const spec = this.state.market.symbolOfEvent(order.symbolId);
		const leg: Leg = { kind: "stpTransfer", tradeId: 0, priceTicks, qtyLots, feePpm: 0 };
		this.exchange(record, spec, order, leg);
	}

	/** Releases what some lots hold; of a budget, what they would have cost at that price. */
	releaseLots(order: OrderState, priceTicks: number, lots: number): void {
		const spec = this.state.market.symbolOfEvent(order.symbolId);
		this.release(order, heldFor(spec, order, priceTicks, lots));
	}

	/** An amend's cut. A budget has no price: it stays whole, and the engine goes on spending it. */
	releaseCut(order: OrderState, cutLots: number): void {
		this.releaseLots(order, order.priceTicks, cutLots);
	}

	/** Releases everything the order still holds. */
	releaseAll(order: OrderState): void {
		this.release(order, order.heldAmount);
	}

	/** A deposit or withdrawal takes effect. */
	funds(record: EventRecord): void {
		const { command } = record;
		invariant(
			command?.kind === CommandKind.Deposit || command?.kind === CommandKind.Withdraw,
			"money from or to the outside moves by a deposit or withdrawal",
		);
		const { balances, funds, userEvents } = this.state;
		const { userId, assetId, amount, externalId } = command;
		const isDeposit = command.kind === CommandKind.Deposit;
		const kind = isDeposit ? "deposit" : "withdrawal";
		const entry = funds.onItsWay(record.partition, record.seq);
		const user = balances.of(userId, assetId);
		const outside = balances.of(EXTERNAL_ACCOUNT, assetId);
		if (isDeposit) balances.credit(user, amount);
		else balances.spendHeld(user, amount);
		balances.credit(outside, isDeposit ? amount : -amount);
		this.state.addTransfer({
			kind,
			partition: record.partition,
			evSeq: record.evSeq,
			n: this.nextN(),
			accountId: userId,
			counterAccountId: EXTERNAL_ACCOUNT,
			debitAssetId: isDeposit ? 0 : assetId,
			debitAmount: isDeposit ? 0n : amount,
			creditAssetId: isDeposit ? assetId : 0,
			creditAmount: isDeposit ? amount : 0n,
			feeAmount: 0n,
			symbolId: 0,
			tradeId: 0,
			orderId: 0,
			externalId,
			ts: record.ts,
		});
		funds.finish(entry, record.ts);
		const delta = isDeposit ? amount : -amount;
		const event = { kind: "balanceUpdate", assetId, delta } as const;
		userEvents.add(userId, record.partition, record.evSeq, record.ts, event);
	}

	/** A deposit or withdrawal was rejected: what was held is free, nothing moved. */
	refuseFunds(record: EventRecord): void {
		const { command } = record;
		if (command?.kind !== CommandKind.Deposit && command?.kind !== CommandKind.Withdraw) return;
		const { balances, funds } = this.state;
		const isDeposit = command.kind === CommandKind.Deposit;
		const entry = funds.onItsWay(record.partition, record.seq);
		if (!isDeposit) {
			balances.release(balances.of(command.userId, command.assetId), command.amount);
		}
		funds.refuse(entry, record.ts);
	}

	private exchange(record: EventRecord, spec: SymbolSpec, order: OrderState, leg: Leg): void {
		const { balances } = this.state;
		const quote = quoteAmount(spec, leg.priceTicks, leg.qtyLots);
		const base = baseAmount(spec, leg.qtyLots);
		const buys = order.side === Side.Buy;
		const debitAssetId = buys ? spec.quote.assetId : spec.base.assetId;
		const creditAssetId = buys ? spec.base.assetId : spec.quote.assetId;
		const pays = buys ? quote : base;
		const receives = buys ? base : quote;
		const fee = feeOf(receives, leg.feePpm);
		if (fee < 0n || fee > receives) throw new InvariantViolation(`a fee of ${fee} on ${receives}`);
		const clearing = clearingAccount(record.partition);
		const heldBefore = heldFor(spec, order, leg.priceTicks, leg.qtyLots);
		balances.spendHeld(balances.of(order.userId, debitAssetId), pays);
		// What a better price saved becomes available at once.
		this.shrink(order, heldBefore, heldBefore - pays);
		balances.credit(balances.of(clearing, debitAssetId), pays);
		balances.credit(balances.of(clearing, creditAssetId), -receives);
		balances.credit(balances.of(order.userId, creditAssetId), receives - fee);
		balances.credit(balances.of(FEE_ACCOUNT, creditAssetId), fee);
		this.lastFee = fee;
		this.state.addTransfer({
			kind: leg.kind,
			partition: record.partition,
			evSeq: record.evSeq,
			n: this.nextN(),
			accountId: order.userId,
			counterAccountId: clearing,
			debitAssetId,
			debitAmount: pays,
			creditAssetId,
			creditAmount: receives,
			feeAmount: fee,
			symbolId: order.symbolId,
			tradeId: leg.tradeId,
			orderId: order.orderId,
			externalId: "",
			ts: record.ts,
		});
	}

	private release(order: OrderState, amount: bigint): void {
		this.shrink(order, amount, amount);
	}

	/** The order holds that much less, of which `released` becomes available. */
	private shrink(order: OrderState, amount: bigint, released: bigint): void {
		this.heldAfter = order.heldAmount - amount;
		if (this.heldAfter < 0n) {
			const { orderId, shard, heldAmount } = order;
			throw new InvariantViolation(
				`order ${orderId} of shard ${shard} gives up ${amount} of ${heldAmount}`,
			);
		}
		const { balances } = this.state;
		balances.release(balances.of(order.userId, order.holdAssetId), released);
	}

	private nextN(): number {
		const n = this.n;
		this.n += 1;
		return n;
	}
}

/** What an order holds for some lots: base, or quote at its limit, or of a budget at that price. */
function heldFor(spec: SymbolSpec, order: OrderState, priceTicks: number, lots: number): bigint {
	if (order.side === Side.Sell) return baseAmount(spec, lots);
	return quoteAmount(spec, hasLimitPrice(order.type) ? order.priceTicks : priceTicks, lots);
}
