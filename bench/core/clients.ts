import { invariant } from "../../schemas/invariant.ts";
import {
	CancelRestriction,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../../schemas/order.ts";
import type { Caller, PlaceRequest } from "../../schemas/ports/account-service.ts";
import type { ExchangeCore } from "../../workers/exchange/core.ts";
import { Dice } from "../engine/dice.ts";

/** The markets of a new venue, and around which price how far away is traded in them. */
const MARKETS = [
	{ symbolId: 1, midTicks: 6_000_000, spreadTicks: 1_000, leastLots: 10, mostLots: 1_000 },
	{ symbolId: 2, midTicks: 300_000, spreadTicks: 1_000, leastLots: 100, mostLots: 1_000 },
	{ symbolId: 3, midTicks: 5_000, spreadTicks: 1_000, leastLots: 100, mostLots: 1_000 },
] as const;
const CANCEL_PERCENT = 25;
/** Of the orders, not of everything sent. */
const CROSS_PERCENT = 20;
const FIRST_USER = 1_000;
/** Enough that nobody runs out, smallest units by asset id. */
const FUNDS = [
	[1, 100_000_000_000n],
	[2, 1_000_000_000_000n],
	[3, 10_000_000_000_000_000n],
] as const;

interface Resting {
	readonly userId: number;
	readonly symbolId: number;
	readonly orderId: number;
}

/** Gives every user enough of every asset. */
export async function fund(core: ExchangeCore, users: number): Promise<void> {
	for (let userId = FIRST_USER; userId < FIRST_USER + users; userId += 1) {
		const { deposit } = core.accountsOf(userId);
		const externalId = "first";
		const done = await Promise.all(
			FUNDS.map(([assetId, amount]) =>
				deposit({ userId, assetId, amount, externalId: `${externalId}-${assetId}` }),
			),
		);
		invariant(
			done.every((outcome) => outcome.ok),
			"a deposit was refused",
		);
	}
}

/** Clients that each send the next order when the last one is answered: the mix of `bench api`. */
export class Clients {
	answered = 0;
	refused = 0;
	private readonly core: ExchangeCore;
	private readonly users: number;
	private readonly dice: Dice;
	private readonly resting: Resting[] = [];
	private sent = 0;
	private stopped = false;
	private running: Promise<void>[] = [];

	constructor(core: ExchangeCore, users: number, seed: number) {
		this.core = core;
		this.users = users;
		this.dice = new Dice(seed);
	}

	start(count: number): void {
		for (let i = 0; i < count; i += 1) this.running.push(this.run());
	}

	/** Resolves when the last answers have come. */
	async stop(): Promise<void> {
		this.stopped = true;
		await Promise.all(this.running);
	}

	private async run(): Promise<void> {
		while (!this.stopped) {
			const cancels = this.dice.below(100) < CANCEL_PERCENT && this.resting.length > 100;
			if (cancels) await this.cancel();
			else await this.place();
			this.answered += 1;
		}
	}

	private async place(): Promise<void> {
		const userId = FIRST_USER + this.dice.below(this.users);
		const request = this.order();
		const outcome = await this.core.accountsOf(userId).placeOrder(this.caller(userId), request);
		if (!outcome.ok) {
			this.refused += 1;
			return;
		}
		const { order } = outcome.value;
		if (order.status !== OrderStatus.New) return;
		this.resting.push({ userId, symbolId: order.symbolId, orderId: order.orderId });
	}

	private async cancel(): Promise<void> {
		const i = this.dice.below(this.resting.length);
		const { userId, symbolId, orderId } = this.resting[i] as Resting;
		this.resting[i] = this.resting[this.resting.length - 1] as Resting;
		this.resting.pop();
		const outcome = await this.core.accountsOf(userId).cancelOrder(this.caller(userId), {
			...{ symbolId, orderId, origClientOrderId: "" },
			clientOrderId: `cancel${this.sent}`,
			restriction: CancelRestriction.None,
		});
		// Others may have traded with it meanwhile.
		if (!outcome.ok) this.refused += 1;
	}

	private caller(userId: number): Caller {
		this.sent += 1;
		return {
			...{ userId, keyId: 1, keyGeneration: 1 },
			signatureDigest: `signature of sixty-four hex digits, more or less ${this.sent}`,
			timestampMs: Date.now(),
			recvWindowMs: 5_000,
		};
	}

	private order(): PlaceRequest {
		const { dice } = this;
		const market = MARKETS[dice.below(MARKETS.length)] as (typeof MARKETS)[number];
		const buys = dice.below(2) === 0;
		const crosses = dice.below(100) < CROSS_PERCENT;
		const reach = crosses ? market.spreadTicks / 10 : market.spreadTicks;
		const away = (1 + dice.below(reach)) * (crosses ? -1 : 1);
		return {
			symbolId: market.symbolId,
			side: buys ? Side.Buy : Side.Sell,
			type: OrderType.Limit,
			timeInForce: TimeInForce.Gtc,
			byQuote: false,
			priceTicks: market.midTicks + (buys ? -away : away),
			qtyLots: market.leastLots + dice.below(market.mostLots - market.leastLots + 1),
			quoteTickLots: 0,
			stopPriceTicks: 0,
			displayLots: 0,
			stpMode: StpMode.None,
			clientOrderId: `x-castle-${this.sent}`,
			clientIdGiven: false,
			strategyId: 0,
			strategyType: 0,
		};
	}
}
