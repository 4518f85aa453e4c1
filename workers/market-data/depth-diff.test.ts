import { expect, test } from "bun:test";
import { Side } from "../../schemas/order.ts";
import { DepthDiff } from "./depth-diff.ts";

test("each update has the last word on what changed since the one before, and nothing else", () => {
	const diff = new DepthDiff(7);
	expect(diff.take()).toBeNull();
	diff.add(Side.Buy, 99, 5, 8);
	diff.add(Side.Buy, 100, 1, 9);
	diff.add(Side.Sell, 103, 2, 10);
	diff.add(Side.Sell, 102, 4, 11);
	diff.add(Side.Buy, 99, 0, 12);
	expect(diff.take()).toEqual({
		firstUpdateId: 8,
		lastUpdateId: 12,
		bids: [
			[100, 1],
			[99, 0],
		],
		asks: [
			[102, 4],
			[103, 2],
		],
	});
	diff.add(Side.Sell, 102, 3, 13);
	expect(diff.take()).toEqual({
		firstUpdateId: 13,
		lastUpdateId: 13,
		bids: [],
		asks: [[102, 3]],
	});
	expect(diff.take()).toBeNull();
});
