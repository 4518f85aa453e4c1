import {
	type CancelReplaceMode,
	OrderType,
	type Side,
	type StpMode,
} from "../../../schemas/order.ts";
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

/** Anything that a user may ask for, by chance. */
export function randomRequest(
	dice: Dice,
	service: AccountService,
	userId: number,
): Promise<Outcome<unknown>> {
	const symbolId = 1 + dice.roll(2);
	const caller = user(userId);
	const clientId = `u${userId}-${dice.roll(40)}`;
	const named = { symbolId, orderId: 0, origClientOrderId: clientId, clientOrderId: "own" };
	const place = randomOrder(dice, symbolId, `u${userId}-${dice.roll(40)}`);
	switch (dice.roll(10)) {
		case 0:
			return service.cancelOrder(caller, { ...named, restriction: dice.chance(100) ? 1 : 0 });
		case 1:
			return service.cancelAll(caller, symbolId);
		case 2:
		case 3: {
			const mode = dice.roll(2) as CancelReplaceMode;
			const cancel = { ...named, restriction: 0 as const };
			return service.cancelReplace(caller, { mode, cancel, place });
		}
		case 4: {
			const newQtyLots = 1 + dice.roll(10);
			return service.amendOrder(caller, { ...named, clientOrderId: `n${clientId}`, newQtyLots });
		}
		case 5: {
			const externalId = `w${dice.roll(30)}`;
			const amount = BigInt(1 + dice.roll(30)) * 10_000n;
			const request = { userId, assetId: 1 + dice.roll(3), amount, externalId };
			return dice.chance(500) ? service.withdraw(request) : service.deposit(request);
		}
		default:
			return service.placeOrder(caller, place);
	}
}

function randomOrder(dice: Dice, symbolId: number, clientOrderId: string): PlaceRequest {
	const type = (dice.chance(500) ? OrderType.Limit : dice.roll(7)) as OrderType;
	const byQuote = type === OrderType.Market && dice.chance(500);
	return order({
		symbolId,
		clientOrderId,
		clientIdGiven: true,
		side: dice.roll(2) as Side,
		type,
		byQuote,
		timeInForce: (dice.chance(700) ? 0 : dice.roll(3)) as 0,
		stpMode: dice.roll(6) as StpMode,
		priceTicks: 90 + dice.roll(20),
		stopPriceTicks: 90 + dice.roll(20),
		qtyLots: byQuote ? 0 : 1 + dice.roll(20),
		quoteTickLots: byQuote ? 50 + dice.roll(2_000) : 0,
	});
}
