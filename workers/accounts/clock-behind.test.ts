import { expect, test } from "bun:test";
import type { LogFields, Logger } from "../../schemas/ports/logger.ts";
import { order, user, World } from "./testing/world.ts";

test("a clock that is behind what was stamped is told, once: calls are refused because of it", async () => {
	const warnings: LogFields[] = [];
	const logger: Logger = {
		info() {},
		warn: (message, fields) => warnings.push({ message, ...fields }),
		error() {},
	};
	const { world, process } = await World.open({ logger });
	await world.deposit(process, 1, 2, 1_000n);
	await world.time.advance(1_000);
	expect(warnings).toEqual([]);
	world.time.setWallBack(20_000);
	await world.time.advance(1_000);
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toMatchObject({ shard: 1, behindMs: expect.any(Number) });
	expect(warnings[0]!["message"]).toStartWith("the clock is behind the log");
	const caller = { ...user(1), timestampMs: world.time.nowMs(), recvWindowMs: 5_000 };
	const { service } = process.worker;
	const place = () => service.placeOrder(caller, order({ qtyLots: 1, priceTicks: 1 }));
	expect(await world.refusal(place())).toBe("timestampOutsideWindow");
	await world.time.advance(20_000);
	world.time.setWallBack(20_000);
	await world.time.advance(1_000);
	expect(warnings).toHaveLength(2);
});
