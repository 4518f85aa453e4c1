import { type Command, CommandKind, type Hold, type NewOrder } from "./command.ts";
import type { OrderState } from "./order-state.ts";

/**
 * Commands as JSON arrays: the kind, then the fields in a fixed order. Amounts are decimal text, since
 * they may pass 2^53. New fields go last; a field that is absent reads as undefined, so give it a
 * default where it is read.
 */
type Row = readonly unknown[];

function newOrderRow(o: NewOrder): unknown[] {
	return [
		o.side,
		o.type,
		o.timeInForce,
		o.byQuote ? 1 : 0,
		o.priceTicks,
		o.qtyLots,
		o.capTickLots,
		o.stopPriceTicks,
		o.displayLots,
		o.stpMode,
		o.makerFeePpm,
		o.takerFeePpm,
		o.clientOrderId,
		o.clientIdGiven ? 1 : 0,
		o.strategyId,
		o.strategyType,
	];
}

const NEW_ORDER_FIELDS = 16;

function newOrderOf(row: Row, at: number): NewOrder {
	return {
		side: row[at] as NewOrder["side"],
		type: row[at + 1] as NewOrder["type"],
		timeInForce: row[at + 2] as NewOrder["timeInForce"],
		byQuote: row[at + 3] === 1,
		priceTicks: row[at + 4] as number,
		qtyLots: row[at + 5] as number,
		capTickLots: row[at + 6] as number,
		stopPriceTicks: row[at + 7] as number,
		displayLots: row[at + 8] as number,
		stpMode: row[at + 9] as NewOrder["stpMode"],
		makerFeePpm: row[at + 10] as number,
		takerFeePpm: row[at + 11] as number,
		clientOrderId: row[at + 12] as string,
		clientIdGiven: row[at + 13] === 1,
		strategyId: row[at + 14] as number,
		strategyType: row[at + 15] as number,
	};
}

function holdOf(assetId: unknown, amount: unknown): Hold {
	return { assetId: idOf(assetId), amount: amountOf(amount) };
}

function idOf(value: unknown): number {
	if (!Number.isSafeInteger(value)) throw new RangeError(`no whole number: ${value}`);
	return value as number;
}

function amountOf(value: unknown): bigint {
	return BigInt(textOf(value));
}

function textOf(value: unknown): string {
	if (typeof value !== "string") throw new RangeError(`no text: ${value}`);
	return value;
}

function objectOf(value: unknown): object {
	if (typeof value !== "object" || value === null) throw new RangeError(`no object: ${value}`);
	return value;
}

/** An order as an object of JSON: such lines are few, and are read by people. */
type StoredOrder = Omit<OrderState, "heldAmount"> & { readonly heldAmount: string };

function restoredOf(order: StoredOrder): OrderState {
	return { ...order, heldAmount: BigInt(order.heldAmount) };
}

/** The command as a JSON-able array; one that could not be read, as it was. */
export function commandRow(c: Command): unknown {
	switch (c.kind) {
		case CommandKind.PlaceOrder:
			return [c.kind, c.userId, c.symbolId, c.hold.assetId, `${c.hold.amount}`, ...newOrderRow(c)];
		case CommandKind.CancelOrder:
			return [c.kind, c.userId, c.symbolId, c.orderId, c.restriction, c.clientOrderId];
		case CommandKind.CancelReplace:
			return [
				c.kind,
				c.userId,
				c.symbolId,
				c.hold.assetId,
				`${c.hold.amount}`,
				...newOrderRow(c),
				c.mode,
				c.cancelOrderId,
				c.cancelRestriction,
				c.cancelClientOrderId,
				`${c.needAmount}`,
			];
		case CommandKind.AmendOrder:
			return [c.kind, c.userId, c.symbolId, c.orderId, c.newQtyLots, c.clientOrderId];
		case CommandKind.CancelAllOrders:
			return [c.kind, c.userId, c.symbolId];
		case CommandKind.Deposit:
		case CommandKind.Withdraw:
			return [c.kind, c.userId, c.assetId, `${c.amount}`, c.externalId];
		case CommandKind.Beat:
		case CommandKind.Tick:
			return [c.kind];
		case CommandKind.AddAsset:
			return [c.kind, c.asset];
		case CommandKind.AddSymbol:
		case CommandKind.SetSymbolRules:
			return [c.kind, c.symbol];
		case CommandKind.SetSymbolState:
			return [c.kind, c.symbolId, c.state];
		case CommandKind.ResumePartition:
			return [c.kind, c.evSeq, c.lastOrderId, c.shards.map((s) => [s.shard, s.epoch, s.seq])];
		case CommandKind.ResumeMarket:
			return [c.kind, c.symbolId, c.lastId, c.lastTicks];
		case CommandKind.RestoreOrder:
			return [c.kind, { ...c.order, heldAmount: `${c.order.heldAmount}` }];
		case CommandKind.Skip:
			return [c.kind, c.shard, c.seq];
		case CommandKind.SetEngineVersion:
			return [c.kind, c.version];
		case CommandKind.Undecodable:
			return c.row;
	}
}

/** The command of a row that `commandRow` made; Undecodable when this version cannot read it. */
export function commandOf(row: unknown): Command {
	try {
		return decoded(row as Row);
	} catch {
		// None at all is not the same as the null of an epoch record.
		return { kind: CommandKind.Undecodable, row: row ?? [] };
	}
}

/**
 * Whoever reads the log reads whom a command is for and how much money it names; what else is in it, the engine
 * judges.
 *
 * @throws Error, of any kind, for what no `commandRow` made
 */
function decoded(row: Row): Command {
	const kind = row[0] as CommandKind;
	switch (kind) {
		case CommandKind.PlaceOrder:
			return {
				kind,
				userId: idOf(row[1]),
				symbolId: idOf(row[2]),
				hold: holdOf(row[3], row[4]),
				...newOrderOf(row, 5),
			};
		case CommandKind.CancelOrder:
			return {
				kind,
				userId: idOf(row[1]),
				symbolId: idOf(row[2]),
				orderId: row[3] as number,
				restriction: row[4] as 0,
				clientOrderId: row[5] as string,
			};
		case CommandKind.CancelReplace: {
			const at = 5 + NEW_ORDER_FIELDS;
			const hold = holdOf(row[3], row[4]);
			const needAmount = amountOf(row[at + 4]);
			return {
				kind,
				userId: idOf(row[1]),
				symbolId: idOf(row[2]),
				hold,
				...newOrderOf(row, 5),
				mode: row[at] as 0,
				cancelOrderId: row[at + 1] as number,
				cancelRestriction: row[at + 2] as 0,
				cancelClientOrderId: row[at + 3] as string,
				needAmount,
				releaseNeeded: Number(needAmount - hold.amount),
			};
		}
		case CommandKind.AmendOrder:
			return {
				kind,
				userId: idOf(row[1]),
				symbolId: idOf(row[2]),
				orderId: row[3] as number,
				newQtyLots: row[4] as number,
				clientOrderId: row[5] as string,
			};
		case CommandKind.CancelAllOrders:
			return { kind, userId: idOf(row[1]), symbolId: idOf(row[2]) };
		case CommandKind.Deposit:
		case CommandKind.Withdraw:
			return {
				kind,
				userId: idOf(row[1]),
				assetId: idOf(row[2]),
				amount: amountOf(row[3]),
				externalId: textOf(row[4]),
			};
		case CommandKind.Beat:
		case CommandKind.Tick:
			return { kind };
		case CommandKind.AddAsset:
			return { kind, asset: objectOf(row[1]) as never };
		case CommandKind.AddSymbol:
		case CommandKind.SetSymbolRules:
			return { kind, symbol: objectOf(row[1]) as never };
		case CommandKind.SetSymbolState:
			return { kind, symbolId: idOf(row[1]), state: idOf(row[2]) as 0 };
		case CommandKind.ResumePartition:
			return {
				kind,
				evSeq: row[1] as number,
				lastOrderId: row[2] as number,
				shards: (row[3] as [number, number, number][]).map(([shard, epoch, seq]) => ({
					shard,
					epoch,
					seq,
				})),
			};
		case CommandKind.ResumeMarket:
			return {
				kind,
				symbolId: row[1] as number,
				lastId: row[2] as number,
				lastTicks: row[3] as number,
			};
		case CommandKind.RestoreOrder:
			return { kind, order: restoredOf(row[1] as StoredOrder) };
		case CommandKind.Skip:
			return { kind, shard: idOf(row[1]), seq: idOf(row[2]) };
		case CommandKind.SetEngineVersion:
			return { kind, version: idOf(row[1]) };
		default:
			throw new RangeError(`unknown command kind ${kind}`);
	}
}
