import type { Body } from "./account-model.ts";
import { type ExtremeSymbol, textOf } from "./extreme-venue.ts";
import type { Ground, Player } from "./ground.ts";

/**
 * What account, open orders, all orders and trades say of each player is the same, to the last unit. Gives the open
 * orders of all, by symbol.
 */
export async function moneyAgrees(ground: Ground): Promise<Map<string, Body[]>> {
	const open = new Map<string, Body[]>();
	for (const player of ground.players) {
		const held = new Map<string, bigint>();
		for (const symbol of ground.symbols) {
			const name = symbol.spec.symbol;
			await takeTrades(ground, player, symbol);
			await ordersAgree(ground, player, name);
			const rows = await ground.rows(player, "openOrders", { symbol: name });
			for (const row of rows) {
				const [asset, amount] = player.model.hold(symbol, row);
				held.set(asset, (held.get(asset) ?? 0n) + amount);
			}
			open.set(name, [...(open.get(name) ?? []), ...rows]);
		}
		const { balances } = (await ground.call(player, "GET", "account", {})).body;
		for (const { asset, free, locked } of balances) {
			const hold = held.get(asset) ?? 0n;
			const due = `${textOf(player.model.totalOf(asset) - hold)} ${textOf(hold)}`;
			ground.expect(`${asset} of user ${player.userId}`, `${free} ${locked}`, due);
		}
	}
	return open;
}

async function takeTrades(ground: Ground, player: Player, symbol: ExtremeSymbol): Promise<void> {
	const name = symbol.spec.symbol;
	const fromId = (player.lastTradeIds.get(name) ?? 0) + 1;
	const rows = await ground.rows(player, "myTrades", { symbol: name, fromId, limit: 1_000 });
	ground.expect(`${name}: all trades at once`, rows.length < 1_000, true);
	for (const row of rows) {
		const wrong = player.model.trade(symbol, row);
		if (wrong !== null) ground.fault(`${name}: ${wrong}`);
	}
	player.lastTradeIds.set(name, rows.at(-1)?.id ?? fromId - 1);
}

/** An order has what its trades come to. */
async function ordersAgree(ground: Ground, player: Player, symbol: string): Promise<void> {
	for (const row of await ground.rows(player, "allOrders", { symbol, limit: 1_000 })) {
		const { lots, quote } = player.model.tradedOf(symbol, row.orderId);
		const said = `${row.executedQty} ${row.cummulativeQuoteQty}`;
		ground.expect(`${symbol} ${row.orderId}`, said, `${textOf(lots)} ${textOf(quote)}`);
	}
}
