import { expect, test } from "bun:test";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
import { fakeServices } from "../testing/fake-services.ts";
import { orderLogReaches } from "./order-log-reads.ts";

/** Everything that can happen without time moving. */
function settled(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

/** An edge whose order log is at `at.evSeq`, and how often it was asked for that. */
function behind(engineWaitMs: number) {
	const at = { evSeq: 4, asked: 0 };
	const orderLog = {
		position: async () => {
			at.asked += 1;
			return { evSeq: at.evSeq, tradesOffset: 0, logId: null };
		},
	} as unknown as OrderLog;
	const services = { ...fakeServices({ engineWaitMs }), orderLog };
	const pass = async (ms: number): Promise<void> => {
		for (let passed = 0; passed < ms; passed += 10) {
			services.time.advance(10);
			await settled();
		}
	};
	return { at, services, pass };
}

test("a read waits until the order log has come so far, and goes on soon after", async () => {
	const { at, services, pass } = behind(10_000);
	let isThere = false;
	const read = orderLogReaches(services, 0, 5).then(() => {
		isThere = true;
	});
	await pass(3_000);
	expect(isThere).toBe(false);
	at.evSeq = 5;
	await pass(160);
	expect(isThere).toBe(true);
	await read;
});

test("a store that is behind is asked seldom by who waits long", async () => {
	const { at, services, pass } = behind(10_000);
	const read = orderLogReaches(services, 0, 5).catch((error: unknown) => error);
	await pass(10_200);
	expect(await read).toMatchObject({ code: -1007 });
	expect(at.asked).toBeGreaterThan(50);
	expect(at.asked).toBeLessThan(70);
});
