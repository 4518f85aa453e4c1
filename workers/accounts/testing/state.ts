import { sampleOrder } from "../../../db/ledger/contract/ledger-samples.ts";
import { OrderStatus, OrderType, Side } from "../../../schemas/order.ts";
import type { OrderState } from "../../../schemas/order-state.ts";
import type { ShardState } from "../../../schemas/ports/ledger.ts";
import type { PubSub } from "../../../schemas/ports/pubsub.ts";
import { Access } from "../access.ts";
import { type AccountSettings, defaultAccountSettings } from "../settings.ts";
import { AccountState } from "../state.ts";
import { BTC, BTCUSDT, ETHBTC, USDT } from "./symbols.ts";

const nobodyListens: PubSub = {
	publish() {},
	subscribe: () => () => {},
	onLoss: () => () => {},
};

/** The state of shard 1 as it loads that from the ledger; BTCUSDT and ETHBTC trade. */
export function loadedState(
	loaded: Partial<ShardState> = {},
	settings: Partial<AccountSettings> = {},
): AccountState {
	const whole: ShardState = {
		epoch: 1,
		batch: 0,
		balances: [],
		openOrders: [],
		recentClientIds: [],
		externalIds: [],
		logId: null,
		positions: [],
		prices: [],
		config: { assets: [BTC, USDT], symbols: [BTCUSDT, ETHBTC] },
		keyGenerations: [],
		frozenUsers: [],
		...loaded,
	};
	const all = { ...defaultAccountSettings, ...settings };
	return new AccountState(1, 2, all, nobodyListens, new Access(), 1, whole);
}

/** An open limit buy of 10 lots at 100 ticks by user 7, which holds 10,000 units of USDT. */
export function openOrder(seq: number, changes: Partial<OrderState> = {}): OrderState {
	return sampleOrder(seq, {
		side: Side.Buy,
		type: OrderType.Limit,
		priceTicks: 100,
		qtyLots: 10,
		status: OrderStatus.New,
		holdAssetId: 2,
		heldAmount: 10_000n,
		...changes,
	});
}
