import { expect, test } from "bun:test";
import { OrderType, Side, SymbolState } from "../../schemas/order.ts";
import { BTCUSDT, ETHBTC, USDT } from "../accounts/testing/symbols.ts";
import { order, user } from "../accounts/testing/world.ts";
import { recover } from "./recover.ts";
import { LossyVenue } from "./testing/lossy-venue.ts";
import { soundBooks } from "./testing/sound-books.ts";

const DOGE = { assetId: 4, asset: "DOGE", name: "Dogecoin", decimals: 8 };
const DOGEUSDT = { ...BTCUSDT, symbolId: 3, symbol: "DOGEUSDT", partition: 0, base: DOGE };
const DEARER = { ...ETHBTC, makerFeePpm: 7_000, takerFeePpm: 9_000 };

test("with the ledger of a backup, markets are as they were when market data saw them last", async () => {
	const venue = new LossyVenue(3);
	await venue.open();
	await venue.time.advance(1_000);
	const restore = venue.database.backup();
	const operator = venue.venue();
	await venue.finish(operator.addAsset(DOGE));
	await venue.finish(operator.addSymbol(DOGEUSDT));
	await venue.finish(operator.setSymbolRules(DEARER));
	await venue.finish(operator.setSymbolState(BTCUSDT, SymbolState.Halt));
	const amount = 1_000_000_000n;
	const given = { externalId: "doge", amount };
	await venue.finish(venue.serviceOf(1).deposit({ userId: 1, assetId: DOGE.assetId, ...given }));
	const place = { symbolId: 3, type: OrderType.Limit, priceTicks: 100, qtyLots: 5 };
	const places = [
		[1, order({ ...place, clientOrderId: "ask", side: Side.Sell })],
		[2, order({ ...place, clientOrderId: "bid", side: Side.Buy })],
	] as const;
	for (const [userId, request] of places) {
		const placed = await venue.finish(venue.serviceOf(userId).placeOrder(user(userId), request));
		expect(placed).toMatchObject({ ok: true });
	}
	await venue.time.advance(2_000);
	const bought = () => balanceOf(venue, 2, DOGE.assetId);
	const before = [bought(), balanceOf(venue, 2, USDT.assetId)];
	expect(before[0]).toBeGreaterThan(0n);
	venue.lose();
	restore();

	const plan = await venue.finish(recover(venue.ports(), () => {}));
	expect(plan.config.assets.map(({ asset }) => asset)).toEqual(["BTC", "USDT", "ETH", "DOGE"]);
	expect(plan.config.symbols).toEqual([{ ...BTCUSDT, state: SymbolState.Halt }, DEARER, DOGEUSDT]);
	expect([bought(), balanceOf(venue, 2, USDT.assetId)]).toEqual(before);
	await venue.start();
	await soundBooks(venue, 3_000);
	await venue.close();
});

function balanceOf({ database }: LossyVenue, userId: number, assetId: number): bigint {
	const rows = [1, 2].flatMap((shard) => database.load(shard).balances);
	const row = rows.find((each) => each.accountId === userId && each.assetId === assetId);
	return (row?.available ?? 0n) + (row?.held ?? 0n);
}
