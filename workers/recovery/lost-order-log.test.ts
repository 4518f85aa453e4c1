import { expect, test } from "bun:test";
import { SqliteOrderLog } from "../../db/order-log/sqlite-order-log.ts";
import { recover } from "./recover.ts";
import { lostVenue } from "./testing/dying-recovery.ts";
import { soundBooks } from "./testing/sound-books.ts";

test("with the order log gone too, the venue does not stand in again for a side of before", async () => {
	const venue = await lostVenue();
	const first = await venue.finish(recover(venue.ports(), () => {}));
	expect(first.partitions.flatMap(({ unknownTrades }) => unknownTrades).length).toBeGreaterThan(0);
	await venue.start();
	await venue.trade(20);
	await venue.time.advance(3_000);
	const { books } = await venue.openIds();
	const totals = () =>
		[1, 2].map((shard) =>
			venue.database
				.load(shard)
				.balances.map(({ available, held, ...of }) => ({ ...of, total: available + held })),
		);
	const before = totals();
	venue.lose();
	await venue.orderLog.close();
	Object.assign(venue, { orderLog: new SqliteOrderLog({ path: ":memory:" }) });

	const second = await venue.finish(recover(venue.ports(), () => {}));
	expect(second.partitions.flatMap(({ unknownTrades }) => unknownTrades)).toEqual([]);
	expect(totals()).toEqual(before);
	await venue.start();
	expect(await soundBooks(venue, 1_000)).toEqual(books);
	await venue.close();
});
