import { invariant } from "../invariant.ts";
import { isOpen, type OrderState } from "../order-state.ts";
import { Rejection } from "../rejection.ts";
import type { AssetSpec, SymbolSpec } from "../symbol.ts";
import {
	type AccountPosition,
	type BalanceUpdate,
	type ExecutionReport,
	executionIdOf,
	type UserEventMessage,
} from "../user-event.ts";
import type { VenueView } from "../venue-config.ts";
import { assetText, priceText, qtyText, quoteText } from "./number-text.ts";
import {
	expiryReasonName,
	ORDER_STATUS_NAMES,
	ORDER_TYPE_NAMES,
	SIDE_NAMES,
	STP_MODE_NAMES,
	TIME_IN_FORCE_NAMES,
} from "./order-names.ts";
import type { TimeUnit } from "./time-unit.ts";

type Payload = Record<string, unknown>;

/** Binance's JSON object of a user event. */
export function userEventPayload(
	venue: VenueView,
	message: UserEventMessage,
	unit: TimeUnit = "MILLISECOND",
): Payload {
	const perMs = unit === "MICROSECOND" ? 1_000 : 1;
	switch (message.event.kind) {
		case "executionReport":
			return executionReportPayload(venue, message, message.event, perMs);
		case "outboundAccountPosition":
			return accountPositionPayload(venue, message, message.event, perMs);
		case "balanceUpdate":
			return balanceUpdatePayload(venue, message, message.event, perMs);
	}
}

/**
 * The quantity shown as an order's own (`q`, `origQty`), in lots: an order by quote amount has none,
 * so what it traded is shown.
 */
export function shownQtyLots(order: OrderState): number {
	return order.byQuote ? order.cumQtyLots : order.qtyLots;
}

function executionReportPayload(
	venue: VenueView,
	message: UserEventMessage,
	report: ExecutionReport,
	perMs: number,
): Payload {
	const { order, fill } = report;
	const symbol = venue.symbolById(order.symbolId);
	invariant(symbol !== undefined, `symbol ${order.symbolId} of an execution report is unknown`);
	const atMs = message.ts * perMs;
	const working = order.workingAtMs > 0;
	return {
		e: "executionReport",
		E: atMs,
		s: symbol.symbol,
		c: report.clientOrderId,
		S: SIDE_NAMES[order.side],
		o: ORDER_TYPE_NAMES[order.type],
		f: TIME_IN_FORCE_NAMES[order.timeInForce],
		q: qtyText(symbol, shownQtyLots(order)),
		p: priceText(symbol, order.priceTicks),
		P: priceText(symbol, order.stopPriceTicks),
		F: qtyText(symbol, order.displayLots),
		g: -1,
		C: report.origClientOrderId,
		x: report.execution,
		X: ORDER_STATUS_NAMES[order.status],
		r: rejectReason(report.rejection),
		i: order.orderId,
		l: qtyText(symbol, fill?.qtyLots ?? 0),
		z: qtyText(symbol, order.cumQtyLots),
		L: priceText(symbol, fill?.priceTicks ?? 0),
		n: fill === null ? "0" : assetText(assetOf(venue, fill.feeAssetId), fill.feeAmount),
		N: fill === null ? null : assetOf(venue, fill.feeAssetId).asset,
		T: atMs,
		t: fill?.tradeId ?? -1,
		...preventionKeys(symbol, report),
		I: executionIdOf(message.id),
		w: working && isOpen(order.status),
		m: fill?.isMaker ?? false,
		M: fill !== null,
		O: order.createdAtMs * perMs,
		Z: quoteText(symbol, order.cumTickLots),
		Y: quoteText(symbol, fill === null ? 0 : fill.priceTicks * fill.qtyLots),
		Q: quoteText(symbol, order.byQuote ? order.capTickLots : 0),
		...(working && { W: order.workingAtMs * perMs }),
		V: STP_MODE_NAMES[order.stpMode],
		...conditionalKeys(order),
	};
}

/** Keys that are there only once self-trade prevention has touched the order. */
function preventionKeys(symbol: SymbolSpec, report: ExecutionReport): Payload {
	const { order } = report;
	if (order.preventedMatchId === 0) return {};
	const lasting = { v: order.preventedMatchId, A: qtyText(symbol, order.preventedLots) };
	if (report.execution !== "TRADE_PREVENTION") return lasting;
	const lots = report.lastPreventedLots;
	return {
		...lasting,
		B: qtyText(symbol, lots),
		u: -1,
		U: report.counterOrderId,
		Cs: symbol.symbol,
		pl: qtyText(symbol, lots),
		pL: priceText(symbol, report.priceTicks),
		pY: quoteText(symbol, report.priceTicks * lots),
	};
}

function conditionalKeys(order: OrderState): Payload {
	const expiryReason = expiryReasonName(order.expiryReason);
	return {
		...(order.strategyId !== 0 && { j: order.strategyId }),
		...(order.strategyType !== 0 && { J: order.strategyType }),
		...(expiryReason !== undefined && { eR: expiryReason }),
	};
}

/** Binance documents five reasons; whatever else the engine says has none there. */
function rejectReason(rejection: Rejection): string {
	switch (rejection) {
		case Rejection.WouldTake:
			return "WOULD_MATCH_IMMEDIATELY";
		case Rejection.WouldTriggerImmediately:
			return "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY";
		case Rejection.HoldTooSmall:
			return "INSUFFICIENT_BALANCES";
		default:
			return "NONE";
	}
}

function accountPositionPayload(
	venue: VenueView,
	message: UserEventMessage,
	position: AccountPosition,
	perMs: number,
): Payload {
	return {
		e: "outboundAccountPosition",
		E: message.ts * perMs,
		u: message.ts * perMs,
		B: position.balances.map((line) => {
			const asset = assetOf(venue, line.assetId);
			return {
				a: asset.asset,
				f: assetText(asset, line.available),
				l: assetText(asset, line.held),
			};
		}),
	};
}

function balanceUpdatePayload(
	venue: VenueView,
	message: UserEventMessage,
	update: BalanceUpdate,
	perMs: number,
): Payload {
	const asset = assetOf(venue, update.assetId);
	return {
		e: "balanceUpdate",
		E: message.ts * perMs,
		a: asset.asset,
		d: assetText(asset, update.delta),
		T: message.ts * perMs,
	};
}

function assetOf(venue: VenueView, assetId: number): AssetSpec {
	const asset = venue.assetById(assetId);
	invariant(asset !== undefined, `asset ${assetId} of a user event is unknown`);
	return asset;
}
