import { afterEach, expect, test } from "bun:test";
import { DynamoDbOrderLog } from "../../db/order-log/dynamodb/dynamodb-order-log.ts";
import { endedOrder } from "../../db/order-log/dynamodb/open-pages.ts";
import { MemoryTable } from "../../db/order-log/dynamodb/testing/memory-tables.ts";
import { fillOf } from "../../db/order-log/order-state-codec.ts";
import { recover } from "./recover.ts";
import { dyingAt } from "./testing/dying-recovery.ts";
import { LossyVenue } from "./testing/lossy-venue.ts";
import { soundBooks } from "./testing/sound-books.ts";

const SEEDS = Number(process.env["RECOVERY_SEEDS"] ?? 8);
const FIRST_SEED = Number(process.env["RECOVERY_FIRST_SEED"] ?? 1);

let table: MemoryTable | null = null;

afterEach(() => table?.restore());

test.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))(
	"writes to the order log are cut off, and it tells what the ledger has settled: seed %d",
	async (seed) => {
		const venue = new LossyVenue(seed);
		table = new MemoryTable();
		const endpoint = "http://127.0.0.1:1";
		const settings = { table: "t", region: "eu-west-1", endpoint, credentials: null };
		await venue.orderLog.close();
		const orderLog = new DynamoDbOrderLog({ settings, scheduler: venue.time, pageOrders: 4 });
		Object.assign(venue, { orderLog });
		await venue.open();
		await venue.tradeThroughHalts(40);
		for (let loss = 0; loss < 2; loss += 1) {
			await tearAndLose(venue, table);
			const dying = dyingAt(venue.ports(), 1 + venue.dice.roll(40), venue.dice.chance(500));
			await venue.finish(recover(dying, () => {}).catch(() => {}));
			if (venue.dice.chance(300)) venue.lose();
			await venue.finish(recover(venue.ports(), () => {}));
			await venue.start();
			await soundBooks(venue, 3_000);
			toldIsSettled(venue, table);
			await venue.tradeThroughHalts(30);
			await soundBooks(venue, 3_000);
			toldIsSettled(venue, table);
		}
		await venue.close();
	},
);

async function tearAndLose(venue: LossyVenue, torn: MemoryTable): Promise<void> {
	const { dice } = venue;
	const restore = dice.chance(300) ? venue.database.backup() : () => {};
	const cuts = [
		() => venue.cutLedger(1),
		() => venue.cutLedger(2),
		() => {
			torn.advances = false;
			const permille = dice.roll(1_001);
			torn.reaches = () => dice.chance(permille);
		},
	];
	while (cuts.length > 0) {
		const [cut] = cuts.splice(dice.roll(cuts.length), 1);
		if (dice.chance(700)) cut?.();
		await venue.tradeThroughHalts(dice.roll(20));
	}
	venue.lose();
	restore();
	torn.advances = true;
	torn.reaches = () => true;
}

/** Every fill that is told is settled, and every one that is settled told; an order that ended has traded its fills. */
function toldIsSettled({ database }: LossyVenue, { items }: MemoryTable): void {
	const told = [...items.values()].flatMap(({ fill }) =>
		fill === undefined ? [] : [fillOf(JSON.parse(fill.S as string))],
	);
	const settled = [1, 2].flatMap((shard) => database.transfers(shard));
	const nameOf = (of: { symbolId: number; tradeId: number; orderId: number }) =>
		`${of.symbolId}/${of.tradeId}/${of.orderId}`;
	const names = settled.filter(({ kind }) => kind === "fill").map(nameOf);
	expect(told.map(nameOf).sort()).toEqual(names.sort());
	for (const item of items.values()) {
		if (item["state"] === undefined) continue;
		const { symbolId, orderId, cumQtyLots } = endedOrder(item);
		const fills = told.filter((fill) => fill.symbolId === symbolId && fill.orderId === orderId);
		const traded = fills.reduce((sum, { qtyLots }) => sum + qtyLots, 0);
		expect([symbolId, orderId, cumQtyLots]).toEqual([symbolId, orderId, traded]);
	}
}
