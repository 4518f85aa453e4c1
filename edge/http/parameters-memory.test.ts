import { expect, test } from "bun:test";
import { leftBehind } from "../../schemas/testing/left-behind.ts";
import { parseParameters } from "./parameters.ts";

const BODIES = 2_000;
const JUNK = "x".repeat(60_000);
const MANY_BYTES = (BODIES * JUNK.length) / 2;

function bodyOf(i: number): string {
	const id = `a-client-order-id-${i}`;
	return `newClientOrderId=${id}&junk=${JUNK}&signature=${id}`;
}

// An engine makes a part of a text without copying it, and the whole lives as long as its part.
test("who keeps a value or a signature of a long body does not keep the body", async () => {
	const leftBy = (pick: (body: string) => string) => leftBehind(BODIES, bodyOf, pick);
	// Its garbage is not the next one's.
	await leftBy((body) => String(Bun.hash(body)));
	const values = await leftBy((body) => parseParameters("", body).values["newClientOrderId"]!);
	expect(values).toBeLessThan(MANY_BYTES);
	expect(await leftBy((body) => parseParameters("", body).signature)).toBeLessThan(MANY_BYTES);
	expect(await leftBy((body) => parseParameters(body, "").signature)).toBeLessThan(MANY_BYTES);
});
