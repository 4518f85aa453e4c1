import { expect, test } from "bun:test";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import { DEFAULT_EDGE_SETTINGS } from "../settings.ts";
import { FakeKeyValue } from "../testing/fake-stores.ts";
import { FakeTime } from "../testing/fake-time.ts";
import { IpLimits } from "./ip-limits.ts";
import { shareWeights } from "./shared-weights.ts";

const IP = "1.2.3.4";
const START = 1_700_000_100_000;

/** Two edges on one store. */
function edges() {
	const time = new FakeTime(START - (START % 300_000));
	const keyValue = new FakeKeyValue(time);
	const settings = { ...DEFAULT_EDGE_SETTINGS, requestWeightPerMinute: 10 };
	const limits = [new IpLimits(settings, time), new IpLimits(settings, time)] as const;
	const stops = limits.map((one) => shareWeights(one, { keyValue, scheduler: time }));
	const second = async () => {
		time.advance(1_000);
		for (let i = 0; i < 20; i++) await Promise.resolve();
	};
	return { time, keyValue, limits, second, stops };
}

test("an address has its weight once, over all edges", async () => {
	const { limits, second } = edges();
	const [one, other] = limits;
	one.charge(IP, 4);
	other.charge(IP, 3);
	await second();
	// Each tells what it has; who told first hears of the other with its next weight.
	expect(other.usedWeight(IP)).toBe(7);
	one.charge(IP, 1);
	await second();
	expect(one.usedWeight(IP)).toBe(8);
	expect(() => one.charge(IP, 3)).toThrow("Too much request weight");
	one.charge(IP, 2);
	expect(() => one.admit(IP)).toThrow("Too much request weight");
	one.charge("5.6.7.8", 10);
});

test("a minute's weight is that minute's, elsewhere too", async () => {
	const { limits, second, time } = edges();
	const [one, other] = limits;
	one.charge(IP, 9);
	await second();
	other.charge(IP, 1);
	await second();
	expect(other.usedWeight(IP)).toBe(10);
	time.advance(60_000);
	expect(other.usedWeight(IP)).toBe(0);
	other.charge(IP, 2);
	await second();
	expect(other.usedWeight(IP)).toBe(2);
});

test("what is told after its minute has ended changes nothing", () => {
	const { limits, time } = edges();
	limits[0].charge(IP, 4);
	const [untold] = limits[0].untold(10);
	time.advance(60_000);
	limits[0].charge(IP, 1);
	limits[0].told(untold!, 100);
	expect(limits[0].usedWeight(IP)).toBe(1);
});

test("weight that was told nobody within its minute is not told as the next one's", () => {
	const { limits, time } = edges();
	limits[0].charge(IP, 4);
	time.advance(60_000);
	expect(limits[0].untold(10)).toEqual([]);
});

test("with the store away or flushed, each edge counts for itself", async () => {
	const { limits, second, keyValue } = edges();
	const [one, other] = limits;
	const increment = keyValue.increment.bind(keyValue);
	keyValue.increment = async () => {
		throw new KeyValueUnavailable("away");
	};
	one.charge(IP, 6);
	other.charge(IP, 3);
	await second();
	expect([one.usedWeight(IP), other.usedWeight(IP)]).toEqual([6, 3]);
	keyValue.increment = increment;
	await second();
	expect(other.usedWeight(IP)).toBe(9);
	keyValue.entries.clear();
	other.charge(IP, 1);
	await second();
	expect(other.usedWeight(IP)).toBe(4);
});

test("the heaviest are told first, and none after the end", async () => {
	const { limits, second, stops, keyValue } = edges();
	limits[0].charge("1.1.1.1", 1);
	limits[0].charge("2.2.2.2", 2);
	expect(limits[0].untold(1).map(({ address }) => address)).toEqual(["2.2.2.2"]);
	for (const stop of stops) stop();
	await second();
	expect(keyValue.entries.size).toBe(0);
});
