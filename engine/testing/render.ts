import { type Command, CommandKind } from "../../schemas/command.ts";
import { type Event, EventKind } from "../../schemas/event.ts";
import {
	CancelReplaceMode,
	CancelRestriction,
	ExpiryReason,
	OrderType,
	Side,
	StpMode,
	SymbolState,
	TimeInForce,
} from "../../schemas/order.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type { Engine } from "../engine.ts";

/** The names of the small numbers, by field. */
const WORDS: Record<string, Record<string, number>> = {
	side: Side,
	takerSide: Side,
	type: OrderType,
	timeInForce: TimeInForce,
	stpMode: StpMode,
	state: SymbolState,
	restriction: CancelRestriction,
	cancelRestriction: CancelRestriction,
	mode: CancelReplaceMode,
	cancelReason: Rejection,
	newReason: Rejection,
};

function nameOf(words: Record<string, number>, value: unknown): string {
	return Object.keys(words).find((name) => words[name] === value) ?? String(value);
}

/** One line: the name, then the fields that say something. */
function line(name: string, fields: object, hidden: readonly string[]): string {
	const shown: string[] = [];
	for (const [key, value] of Object.entries(fields)) {
		if (hidden.includes(key) || value === 0 || value === false || value === "" || value === 0n) {
			const matters = key === "qtyLots" || key === "side" || key === "takerSide";
			if (!matters || hidden.includes(key)) continue;
		}
		if (typeof value === "object") shown.push(`${key}=${JSON.stringify(value, jsonable)}`);
		else if (WORDS[key] !== undefined) shown.push(`${key}=${nameOf(WORDS[key], value)}`);
		else shown.push(`${key}=${value}`);
	}
	return [name, ...shown].join(" ");
}

function jsonable(_key: string, value: unknown): unknown {
	return typeof value === "bigint" ? `${value}n` : value;
}

export function commandLine(command: Command): string {
	const hidden = ["kind", "makerFeePpm", "takerFeePpm", "clientIdGiven"];
	if ("hold" in command && command.hold.amount === 0n) hidden.push("hold");
	if ("symbol" in command) {
		const { symbol, tickSize, lotSize } = command.symbol;
		return line(nameOf(CommandKind, command.kind), { symbol, tickSize, lotSize }, hidden);
	}
	if (command.kind === CommandKind.RestoreOrder) {
		const { orderId, userId, symbolId, side, type, priceTicks, stopPriceTicks } = command.order;
		const { qtyLots, cumQtyLots, displayLots, workingAtMs } = command.order;
		const order = { orderId, userId, symbolId, side, type, priceTicks, stopPriceTicks, qtyLots };
		const more = { cumQtyLots, displayLots, waits: workingAtMs === 0 };
		return line("RestoreOrder", { ...order, ...more }, hidden);
	}
	return line(nameOf(CommandKind, command.kind), command, hidden);
}

export function eventLine(event: Event): string {
	const fields = { ...event } as Record<string, unknown>;
	if ("reason" in event) {
		const words = event.kind === EventKind.OrderExpired ? ExpiryReason : Rejection;
		fields["reason"] = nameOf(words, event.reason);
	}
	return line(nameOf(EventKind, event.kind), fields, ["kind"]);
}

/** A symbol's book as a table: asks above bids, best prices in the middle, and what waits. */
export function drawBook(engine: Engine, symbolId: number): string[] {
	const { bids, asks } = engine.depth(symbolId);
	const rows: string[] = [];
	const open = [...engine.openOrders()].filter((order) => order.symbolId === symbolId);
	const levelRow = (side: string, price: number, lots: number) => {
		const queue = open
			.filter(
				(o) => !o.stop && o.priceTicks === price && (o.side === Side.Buy) === (side === "bid"),
			)
			.map((o) => (o.stop ? "" : `#${o.orderId} u${o.userId} ${o.visibleLots}/${o.leavesLots}`));
		return `    ${side} ${String(price).padStart(7)} ${String(lots).padStart(7)} | ${queue.join(", ")}`;
	};
	for (const [price, lots] of [...asks].reverse()) rows.push(levelRow("ask", price, lots));
	for (const [price, lots] of bids) rows.push(levelRow("bid", price, lots));
	for (const order of open) {
		if (!order.stop) continue;
		const { orderId, userId, qtyLots, stopPriceTicks } = order;
		const what = `${nameOf(OrderType, order.type)} ${nameOf(Side, order.side)}`;
		rows.push(`    stop ${stopPriceTicks} ${what} #${orderId} u${userId} ${qtyLots}`);
	}
	const last = engine.lastPrice(symbolId);
	rows.push(`    last ${last === 0 ? "-" : last}`);
	return rows;
}
