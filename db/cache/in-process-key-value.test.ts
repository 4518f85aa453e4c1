import { expect, test } from "bun:test";
import { ManualTime } from "../testing/manual-time.ts";
import { InProcessKeyValue } from "./in-process-key-value.ts";
import { keyValueContract } from "./key-value-contract.ts";

keyValueContract("in process", async () => {
	const time = new ManualTime();
	const keyValue = new InProcessKeyValue({ clock: time, scheduler: time });
	return {
		keyValue,
		pass: async (ms) => time.advance(ms),
		close: async () => keyValue.close(),
	};
});

test("expired entries that nobody asks for are thrown away", async () => {
	const time = new ManualTime();
	const keyValue = new InProcessKeyValue({ clock: time, scheduler: time });
	for (let i = 0; i < 10; i += 1) await keyValue.set(`${i}`, "x", i < 4 ? 1_000 : 60_000);
	time.advance(20_000);
	expect(keyValue.size).toBe(6);
	keyValue.close();
});
