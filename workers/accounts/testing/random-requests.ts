import {
	type CancelReplaceMode,
	OrderType,
	type Side,
	type StpMode,
} from "../../../schemas/order.ts";
import type { OrderState } from "../../../schemas/order-state.ts";
import type {
	AccountService,
	Outcome,
	PlaceRequest,
} from "../../../schemas/ports/account-service.ts";
import { order, user } from "./world.ts";

/** A small generator: the same seed, the same venue. */
export class Dice {
	private state: number;

	constructor(seed: number) {
		this.state = seed | 0;
	}

	/** A whole number from 0 to below `n`. */
	roll(n: number): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % n;
	}

	chance(permille: number): boolean {
		return this.roll(1_000) < permille;
	}
}

/**
 * Anything that a user may ask for, by chance.
 *
 * @param open orders of his that are named more often than any others
 */
export function randomRequest(
	dice: Dice,
	service: AccountService,
	userId: number,
	open: readonly OrderState[] = [],
): Promise<Outcome<unknown>> {
	const caller = user(userId);
	const named = randomName(dice, userId, open);
	const { symbolId } = named;
	const place = randomOrder(dice, symbolId, `u${userId}-${dice.roll(40)}`);
	switch (dice.roll(11)) {
		case 0:
			return service.cancelOrder(caller, { ...named, restriction: dice.chance(100) ? 1 : 0 });
		case 1:
			return dice.chance(300)
				? service.cancelAll(caller, symbolId)
				: service.cancelOrder(caller, { ...named, restriction: 0 });
		case 2:
		case 3: {
			const mode = dice.roll(2) as CancelReplaceMode;
			const cancel = { ...named, restriction: 0 as const };
			return service.cancelReplace(caller, { mode, cancel, place });
		}
		case 4:
		case 5: {
			const own = named.origClientOrderId;
			const names = [own === "" ? "n" : own, `n${userId}-${dice.roll(40)}`, place.clientOrderId];
			const clientOrderId = names[dice.roll(3)] as string;
			return service.amendOrder(caller, { ...named, clientOrderId, newQtyLots: 1 + dice.roll(10) });
		}
		case 6: {
			// Often the same that was asked for before, which an operator may have skipped.
			const n = dice.roll(12);
			const amount = BigInt(dice.chance(100) ? 1 : n + 1) * 10_000n;
			const request = { userId, assetId: 1 + (n % 3), amount, externalId: `w${n}` };
			return dice.chance(500) ? service.withdraw(request) : service.deposit(request);
		}
		default:
			return service.placeOrder(caller, place);
	}
}

/** An order, by its id or its client id, or an id that may be none's. */
function randomName(dice: Dice, userId: number, open: readonly OrderState[]) {
	const order = open[dice.roll(open.length + 1)];
	const symbolId = order?.symbolId ?? 1 + dice.roll(2);
	const orderId = order !== undefined && dice.chance(500) ? order.orderId : 0;
	const origClientOrderId =
		orderId > 0 ? "" : (order?.clientOrderId ?? `u${userId}-${dice.roll(40)}`);
	return { symbolId, orderId, origClientOrderId, clientOrderId: "own" };
}

function randomOrder(dice: Dice, symbolId: number, clientOrderId: string): PlaceRequest {
	const type = (dice.chance(500) ? OrderType.Limit : dice.roll(7)) as OrderType;
	const byQuote = type === OrderType.Market && dice.chance(500);
	const qtyLots = byQuote ? 0 : 1 + dice.roll(20);
	return order({
		symbolId,
		// One that is not given is the edge's, which no other order has.
		...(dice.chance(900)
			? { clientOrderId }
			: { clientOrderId: `x-${dice.roll(1e9)}`, clientIdGiven: false }),
		side: dice.roll(2) as Side,
		type,
		byQuote,
		timeInForce: (dice.chance(700) ? 0 : dice.roll(3)) as 0,
		stpMode: dice.roll(6) as StpMode,
		priceTicks: 90 + dice.roll(20),
		stopPriceTicks: 90 + dice.roll(20),
		qtyLots,
		displayLots: type === OrderType.Limit && dice.chance(100) ? 1 + dice.roll(qtyLots) : 0,
		quoteTickLots: byQuote ? 50 + dice.roll(2_000) : 0,
	});
}
