import { Engine } from "../engine/engine.ts";
import { type Command, CommandKind, type NewOrder } from "../schemas/command.ts";
import { EventBuffer } from "../schemas/event-words.ts";
import {
	hasLimitPrice,
	isStopType,
	OrderType,
	Side,
	type StpMode,
	TimeInForce,
} from "../schemas/order.ts";
import { RunningHash } from "../schemas/running-hash.ts";
import { btcUsdt, ethBtc } from "../schemas/testing/symbols.ts";
import { Dice } from "./engine/dice.ts";

/**
 * Random commands of every type against a fresh engine, and the hash of its state at the end, then of
 * all its events: the same on every runtime. Run it with the number of commands, and of lives; it uses
 * nothing that any runtime lacks, and may be bundled for them all.
 *
 * @param lives in how many, each but the first restored from the snapshot of the one before, every fourth
 *   on the naive book: what comes out is the same
 */
export function stateHash(commands: number, lives = 1): string {
	let engine = new Engine({ partition: 0, book: "fast" });
	const out = new EventBuffer();
	const events = new RunningHash();
	for (const symbol of [btcUsdt, ethBtc]) {
		engine.apply({ kind: CommandKind.AddSymbol, symbol }, 0, out);
	}
	const dice = new Dice(commands);
	const lifetime = Math.ceil(commands / lives);
	for (let i = 0; i < commands; i += 1) {
		if (i > 0 && i % lifetime === 0) {
			engine = Engine.restore(engine.snapshot(), (i / lifetime) % 4 === 1 ? "naive" : "fast");
		}
		engine.apply(randomCommand(dice, i), i, out);
		events.addAll(out.words, 0, out.length);
	}
	return `${engine.stateHash()} ${events.digest()}`;
}

const MID = 10_000;
const USERS = 6;
/** Of the commands, about the part that gives an order its id. */
const ADMITTED = 0.57;

function randomCommand(dice: Dice, i: number): Command {
	const symbolId = 1 + dice.below(2);
	const userId = 1 + dice.below(USERS);
	// Ids near the last one given: open or not, of this user or another.
	const orderId = Math.max(1, Math.trunc(i * ADMITTED) - dice.below(400));
	const roll = dice.below(100);
	if (roll < 62) {
		const kind = CommandKind.PlaceOrder;
		return { ...randomOrder(dice), kind, userId, symbolId, hold: { assetId: 3, amount: 0n } };
	}
	if (roll < 82) {
		const restriction = dice.below(3) as 0;
		return {
			kind: CommandKind.CancelOrder,
			userId,
			symbolId,
			orderId,
			restriction,
			clientOrderId: "",
		};
	}
	if (roll < 88) {
		const newQtyLots = 1 + dice.below(60);
		return {
			kind: CommandKind.AmendOrder,
			userId,
			symbolId,
			orderId,
			newQtyLots,
			clientOrderId: "",
		};
	}
	if (roll < 98) return replacing(dice, userId, symbolId, orderId);
	if (dice.below(40) > 0) return { kind: CommandKind.Tick };
	return { kind: CommandKind.CancelAllOrders, userId, symbolId };
}

function replacing(dice: Dice, userId: number, symbolId: number, cancelOrderId: number): Command {
	return {
		...randomOrder(dice),
		kind: CommandKind.CancelReplace,
		userId,
		symbolId,
		mode: dice.below(2) as 0,
		cancelOrderId,
		cancelRestriction: dice.below(3) as 0,
		cancelClientOrderId: "",
		hold: { assetId: 3, amount: BigInt(dice.below(1_000_000)) },
		needAmount: BigInt(dice.below(2_000_000)),
	};
}

function randomOrder(dice: Dice): NewOrder {
	const side = dice.below(2) as Side;
	const type = (dice.below(3) > 0 ? OrderType.Limit : dice.below(7)) as OrderType;
	const limited = hasLimitPrice(type);
	const byQuote = type === OrderType.Market && dice.below(2) === 0;
	const qtyLots = 1 + dice.below(80);
	const hides = limited && dice.below(8) === 0;
	const capped = !limited && (side === Side.Buy || byQuote);
	return {
		side,
		type,
		timeInForce: (hides ? TimeInForce.Gtc : [0, 0, 0, 0, 1, 2][dice.below(6)]) as TimeInForce,
		byQuote,
		priceTicks: limited ? priceNear(dice, side) : 0,
		qtyLots: byQuote && side === Side.Buy ? 0 : qtyLots,
		capTickLots: capped ? MID * (1 + dice.below(90)) : 0,
		stopPriceTicks: isStopType(type) ? MID - 60 + dice.below(121) : 0,
		displayLots: hides ? 1 + dice.below(qtyLots) : 0,
		stpMode: (dice.below(4) === 0 ? dice.below(6) : 0) as StpMode,
		makerFeePpm: dice.below(2_000),
		takerFeePpm: dice.below(2_000),
		clientOrderId: "",
		clientIdGiven: false,
		strategyId: 0,
		strategyType: 0,
	};
}

function priceNear(dice: Dice, side: Side): number {
	const distance = dice.near() - 20;
	return side === Side.Buy ? MID - distance : MID + distance;
}

// Bundled, it is a program of its own; imported, it is not.
const [, , commands, lives] = (globalThis as { process?: { argv: string[] } }).process?.argv ?? [];
if (import.meta.main && Number(commands) > 0) {
	console.log(stateHash(Number(commands), Number(lives ?? 1)));
}
