import {
	type AtRest,
	ENDED,
	type FillRow,
	MARKETS,
	type OrderRow,
	type TradeRow,
	type UserMarket,
	units,
} from "./at-rest.ts";

/** Units of a product of two amounts: 10^-16 to 10^-8. */
const ONE = 100_000_000n;

/**
 * The invariants of a venue at rest that its API can be asked for, by their numbers. Every user there is
 * is known, so both sides of each trade and all of each book are.
 *
 * @param funds deposits minus withdrawals by user, asset to units
 * @returns what is wrong, in words
 */
export async function faultsAtRest(
	venue: AtRest,
	funds: readonly ReadonlyMap<string, bigint>[],
): Promise<string[]> {
	const faults: string[] = [];
	for (const { symbol } of MARKETS) {
		const markets = venue.markets.filter((market) => market.symbol === symbol);
		checkTrades(symbol, venue.trades.get(symbol) ?? [], markets, faults);
		for (const market of markets) checkOrders(market, faults);
		await checkBook(venue, symbol, markets, faults);
		await checkBars(venue, symbol, faults);
	}
	for (const [user] of venue.users.entries()) checkMoney(venue, user, funds, faults);
	return faults;
}

/** 7, 10, 12, 18, 20: ids without a gap; each has a buyer and a seller, of the same trade. */
function checkTrades(
	symbol: string,
	trades: readonly TradeRow[],
	markets: readonly UserMarket[],
	faults: string[],
): void {
	const sides = new Map<number, (FillRow & { readonly user: number })[]>();
	for (const { user, fills } of markets) {
		for (const fill of fills) {
			const both = sides.get(fill.id);
			if (both === undefined) sides.set(fill.id, [{ ...fill, user }]);
			else both.push({ ...fill, user });
		}
	}
	for (const [i, trade] of trades.entries()) {
		if (trade.id !== i + 1) return void faults.push(`10: ${symbol} has no trade ${i + 1}`);
		const both = sides.get(trade.id) ?? [];
		sides.delete(trade.id);
		const [one, other] = both;
		const whole =
			both.length === 2 &&
			both.every((fill) => isSideOf(fill, trade)) &&
			one?.isBuyer !== other?.isBuyer &&
			one?.user !== other?.user;
		if (!whole) faults.push(`12: ${symbol} trade ${trade.id} is ${JSON.stringify(both)}`);
	}
	for (const id of sides.keys()) faults.push(`10: ${symbol} trade ${id} is the users' only`);
}

function isSideOf(fill: FillRow, trade: TradeRow): boolean {
	const quote = (units(trade.price) * units(trade.qty)) / ONE;
	const received = fill.isBuyer ? units(fill.qty) : quote;
	const fee = units(fill.commission);
	return (
		fill.price === trade.price &&
		fill.qty === trade.qty &&
		units(fill.quoteQty) === quote &&
		fill.isMaker === (fill.isBuyer === trade.isBuyerMaker) &&
		fee >= 0n &&
		fee <= received
	);
}

/**
 * 5, 7, 17: an order is the sum of its fills, within its limit; it is listed as open while it is. The
 * clients never use a name twice, so there is one order to each.
 */
function checkOrders({ user, symbol, orders, fills, open }: UserMarket, faults: string[]): void {
	const sums = new Map<number, { qty: bigint; quote: bigint }>();
	for (const fill of fills) {
		const name = `user ${user} ${symbol} trade ${fill.id}`;
		const order = orders.get(fill.orderId);
		if (order === undefined) {
			faults.push(`17: ${name} is of no order`);
			continue;
		}
		const over = units(fill.price) - units(order.price);
		if (order.side === "BUY" ? over > 0n : over < 0n) faults.push(`7: ${name} beyond the limit`);
		const sum = sums.get(fill.orderId) ?? { qty: 0n, quote: 0n };
		sum.qty += units(fill.qty);
		sum.quote += units(fill.quoteQty);
		sums.set(fill.orderId, sum);
	}
	const listed = new Set(open.map((order) => order.orderId));
	const names = new Set<string>();
	for (const order of orders.values()) {
		const name = `user ${user} ${symbol} order ${order.orderId} (${order.status})`;
		if (names.has(order.clientOrderId)) faults.push(`1: ${name}: ${order.clientOrderId} again`);
		names.add(order.clientOrderId);
		const { qty, quote } = sums.get(order.orderId) ?? { qty: 0n, quote: 0n };
		const said = [units(order.executedQty), units(order.cummulativeQuoteQty)];
		if (said[0] !== qty || said[1] !== quote) faults.push(`5: ${name} is not its fills`);
		const filled = order.status === "FILLED";
		const left = units(order.origQty) - qty;
		if (left < 0n || filled !== (left === 0n)) faults.push(`5: ${name} has ${left} left`);
		if (ENDED.includes(order.status) === listed.delete(order.orderId)) {
			faults.push(`17: ${name}: open orders say otherwise`);
		}
	}
	for (const orderId of listed) faults.push(`17: order ${orderId} is open and not listed`);
}

/** 9, 17: the book is what the open orders leave, and not crossed. */
async function checkBook(
	venue: AtRest,
	symbol: string,
	markets: readonly UserMarket[],
	faults: string[],
): Promise<void> {
	const depth = await venue.public("/api/v3/depth", `symbol=${symbol}&limit=5000`);
	const open = markets.flatMap((market) => market.open);
	for (const [side, name] of [
		["BUY", "bids"],
		["SELL", "asks"],
	] as const) {
		const levels = new Map<string, bigint>();
		for (const order of open.filter((o) => o.side === side)) {
			levels.set(order.price, (levels.get(order.price) ?? 0n) + leavesOf(order));
		}
		for (const [price, qty] of depth[name] as [string, string][]) {
			if (levels.get(price) !== units(qty))
				faults.push(`17: ${symbol} ${name} at ${price}: ${qty}`);
			levels.delete(price);
		}
		for (const price of levels.keys()) faults.push(`17: ${symbol} ${name} at ${price} lacks`);
	}
	const [bid, ask] = [depth.bids[0]?.[0], depth.asks[0]?.[0]];
	if (bid !== undefined && ask !== undefined && units(bid) >= units(ask)) {
		faults.push(`9: ${symbol} is crossed: ${bid}, ${ask}`);
	}
}

/** 19: bars of a day and the ticker are the sums of the trades. */
async function checkBars(venue: AtRest, symbol: string, faults: string[]): Promise<void> {
	const sum = { trades: 0, qty: 0n, quote: 0n };
	for (const trade of venue.trades.get(symbol) ?? []) {
		sum.trades += 1;
		sum.qty += units(trade.qty);
		sum.quote += units(trade.quoteQty);
	}
	for (const interval of ["1m", "1d"]) {
		const bars = { trades: 0, qty: 0n, quote: 0n };
		const query = `symbol=${symbol}&interval=${interval}&limit=1000`;
		for (const bar of await venue.public("/api/v3/klines", query)) {
			bars.trades += bar[8];
			bars.qty += units(bar[5]);
			bars.quote += units(bar[7]);
		}
		if (!Bun.deepEquals(bars, sum))
			faults.push(`19: ${symbol} ${interval} bars are not the trades`);
	}
	const ticker = await venue.public("/api/v3/ticker/24hr", `symbol=${symbol}`);
	const said = {
		trades: ticker.count,
		qty: units(ticker.volume),
		quote: units(ticker.quoteVolume),
	};
	if (!Bun.deepEquals(said, sum)) faults.push(`19: ${symbol} ticker is not the trades`);
}

/** 1, 3, 4: a balance is the funds and the fills to the last unit; locked is what open orders hold. */
function checkMoney(
	venue: AtRest,
	user: number,
	funds: readonly ReadonlyMap<string, bigint>[],
	faults: string[],
): void {
	const total = new Map(funds[user]);
	const locked = new Map<string, bigint>();
	const add = (to: Map<string, bigint>, asset: string, amount: bigint) =>
		to.set(asset, (to.get(asset) ?? 0n) + amount);
	for (const { symbol, base, quote } of MARKETS) {
		const { fills, open } = venue.market(user, symbol);
		for (const fill of fills) {
			const sign = fill.isBuyer ? 1n : -1n;
			add(total, base, sign * units(fill.qty));
			add(total, quote, -sign * units(fill.quoteQty));
			add(total, fill.commissionAsset, -units(fill.commission));
		}
		for (const order of open) {
			if (order.side === "SELL") add(locked, base, leavesOf(order));
			else add(locked, quote, (units(order.price) * leavesOf(order)) / ONE);
		}
	}
	const said = new Map((venue.balances[user] ?? []).map((row) => [row.asset, row]));
	for (const asset of ["BTC", "ETH", "USDT"]) {
		const row = said.get(asset);
		const held = units(row?.locked ?? "0");
		const all = units(row?.free ?? "0") + held;
		const wanted = [total.get(asset) ?? 0n, locked.get(asset) ?? 0n];
		if (all !== wanted[0]) faults.push(`1: user ${user} has ${all} ${asset}, not ${wanted[0]}`);
		if (held !== wanted[1]) faults.push(`3: user ${user} holds ${held} ${asset}, not ${wanted[1]}`);
	}
}

function leavesOf(order: OrderRow): bigint {
	return units(order.origQty) - units(order.executedQty);
}
