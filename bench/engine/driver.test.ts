import { expect, test } from "bun:test";
import { Driver } from "./driver.ts";
import { FillTape } from "./fill-tape.ts";
import { generate } from "./generator.ts";
import { rehearsed } from "./rehearsal.ts";
import { scriptOf } from "./script.ts";
import { readWorkload, writeWorkload } from "./workload.ts";

/** All five operations, three symbols, prices over a factor of ten. */
const workload = generate({
	seed: 5,
	records: 3_000,
	symbols: 3,
	users: 20,
	wander: 10,
	reducePercent: 5,
});

test("a workload is the same after a file", () => {
	const bytes = writeWorkload(workload);
	expect(readWorkload(bytes.buffer as ArrayBuffer)).toEqual(workload);
	expect(() => readWorkload(bytes.buffer.slice(0, -24) as ArrayBuffer)).toThrow(RangeError);
});

for (const book of ["naive", "fast"] as const) {
	test(`${book} book: the fills and their checksum that exchange-core gives`, () => {
		const script = rehearsed(scriptOf(workload));
		const fills = new FillTape();
		const driver = new Driver(script, book, fills);
		driver.run();
		const resting = [...driver.engine.openOrders()];
		const restingQty = resting.reduce((sum, o) => sum + (o.stop ? 0 : o.leavesLots), 0);
		expect({ ...fills.sums(script.fileIds), orders: resting.length, restingQty }).toEqual({
			fills: 978,
			volume: 27069n,
			notional: 1476422130n,
			hash: 3311995869,
			orders: 12,
			restingQty: 301,
		});
	});
}
