import { expect, test } from "bun:test";
import { ApiError } from "../api-error.ts";
import { DEFAULT_EDGE_SETTINGS, type EdgeSettings } from "../settings.ts";
import { FakeTime } from "../testing/fake-time.ts";
import { limitKey, plainAddress } from "./address.ts";
import { IpLimits } from "./ip-limits.ts";

const IP = "1.2.3.4";
/** On a boundary of all windows. */
const START = 1_700_000_100_000;

function setUp(settings: Partial<EdgeSettings> = {}) {
	const time = new FakeTime(START - (START % 300_000));
	return { time, limits: new IpLimits({ ...DEFAULT_EDGE_SETTINGS, ...settings }, time) };
}

/** The refusal of a call, or null. */
function refusal(run: () => void): ApiError | null {
	try {
		run();
		return null;
	} catch (error) {
		expect(error).toBeInstanceOf(ApiError);
		return error as ApiError;
	}
}

test("the last unit of weight is given, one more is not taken", () => {
	const { limits } = setUp({ requestWeightPerMinute: 10 });
	limits.charge(IP, 4);
	expect(refusal(() => limits.charge(IP, 7))?.status).toBe(429);
	expect(limits.usedWeight(IP)).toBe(4);
	limits.charge(IP, 6);
	expect(refusal(() => limits.admit(IP))?.status).toBe(429);
});

test("the window ends with the UTC minute, however it was filled", () => {
	const { time, limits } = setUp({ requestWeightPerMinute: 10 });
	time.advance(59_000);
	limits.charge(IP, 10);
	const error = refusal(() => limits.admit(IP));
	expect(error?.retryAfterMs).toBe(1_000);
	time.advance(999);
	expect(refusal(() => limits.admit(IP))).not.toBeNull();
	time.advance(1);
	expect(refusal(() => limits.admit(IP))).toBeNull();
	expect(limits.usedWeight(IP)).toBe(0);
});

test("a clock that steps back gives no second helping", () => {
	const { time, limits } = setUp({ requestWeightPerMinute: 10 });
	limits.charge(IP, 10);
	time.wrongMs = -120_000;
	expect(limits.usedWeight(IP)).toBe(10);
	time.advance(59_999);
	expect(limits.usedWeight(IP)).toBe(10);
});

test("a clock that was an hour ahead keeps no window for an hour", () => {
	const { time, limits } = setUp({
		requestWeightPerMinute: 10,
		rawRequestsPer5Minutes: 5,
		connectionsPer5Minutes: 2,
	});
	time.wrongMs = 3_600_000;
	limits.charge(IP, 6);
	limits.admitConnection(IP, 2);
	time.wrongMs = 0;
	expect(limits.usedWeight(IP)).toBe(8);
	for (let minute = 0; minute < 10; minute += 1) {
		time.advance(60_000);
		limits.admit(IP);
		limits.charge(IP, 6);
		expect(limits.usedWeight(IP)).toBe(6);
		if (minute % 5 === 4) limits.admitConnection(IP, 2);
	}
});

test("a ban lasts as long as it says, also when the clock was an hour ahead as it began", () => {
	const { time, limits } = setUp({ requestWeightPerMinute: 1, refusalsBeforeBan: 0 });
	time.wrongMs = 3_600_000;
	limits.chargeFailed(IP, 1);
	expect(refusal(() => limits.admit(IP))?.retryAfterMs).toBe(120_000);
	time.wrongMs = 0;
	time.advance(1_000);
	const ban = refusal(() => limits.admit(IP));
	expect(ban?.retryAfterMs).toBe(119_000);
	expect(ban?.message).toContain(`IP banned until ${time.now + 119_000}.`);
	time.advance(119_000);
	expect(refusal(() => limits.admit(IP))).toBeNull();
});

test("who came while the clock was an hour ahead is forgotten as others are", () => {
	const { time, limits } = setUp();
	time.wrongMs = 3_600_000;
	limits.admit(IP);
	time.wrongMs = 0;
	time.advance(600_000);
	limits.admit("9.9.9.9");
	expect(limits.addresses).toBe(1);
});

test("raw requests per five minutes", () => {
	const { time, limits } = setUp({ rawRequestsPer5Minutes: 3 });
	for (let i = 0; i < 3; i++) limits.admit(IP);
	time.advance(60_000);
	const error = refusal(() => limits.admit(IP));
	expect(error?.message).toStartWith("Too many requests; current limit is 3 requests per 5 MINUTE");
	expect(error?.retryAfterMs).toBe(240_000);
	time.advance(240_000);
	expect(refusal(() => limits.admit(IP))).toBeNull();
});

test("connections are limited, and cost weight", () => {
	const { limits } = setUp({ connectionsPer5Minutes: 2 });
	limits.admitConnection(IP, 2);
	limits.admitConnection(IP, 2);
	expect(limits.usedWeight(IP)).toBe(4);
	expect(refusal(() => limits.admitConnection(IP, 2))?.status).toBe(429);
	expect(limits.usedWeight(IP)).toBe(4);
});

test("going on after 429 is banned: 2, 8, 32 minutes … at most three days", () => {
	const { time, limits } = setUp({ requestWeightPerMinute: 1, refusalsBeforeBan: 2 });
	const bans: number[] = [];
	for (let n = 0; n < 8; n++) {
		limits.chargeFailed(IP, 1);
		expect(refusal(() => limits.admit(IP))?.status).toBe(429);
		expect(refusal(() => limits.admit(IP))?.status).toBe(429);
		const ban = refusal(() => limits.admit(IP));
		expect(ban?.status).toBe(418);
		expect(ban?.message).toContain(`IP banned until ${time.now + ban!.retryAfterMs!}.`);
		bans.push(ban!.retryAfterMs! / 60_000);
		time.advance(ban!.retryAfterMs! - 1);
		expect(refusal(() => limits.admit(IP))?.status).toBe(418);
		time.advance(1);
		expect(refusal(() => limits.admit(IP))?.status ?? 0).not.toBe(418);
		time.advance(300_000);
	}
	expect(bans).toEqual([2, 8, 32, 128, 512, 2_048, 4_320, 4_320]);
});

test("who is banned gets no connection either", () => {
	const { limits } = setUp({ requestWeightPerMinute: 1, refusalsBeforeBan: 0 });
	limits.chargeFailed(IP, 1);
	expect(refusal(() => limits.admit(IP))?.status).toBe(418);
	expect(refusal(() => limits.admitConnection(IP, 1))?.status).toBe(418);
	expect(refusal(() => limits.admitConnection("9.9.9.9", 1))).toBeNull();
});

test("after a ban there is as much patience as before", () => {
	const { time, limits } = setUp({ rawRequestsPer5Minutes: 1, refusalsBeforeBan: 1 });
	limits.admit(IP);
	expect(refusal(() => limits.admit(IP))?.status).toBe(429);
	expect(refusal(() => limits.admit(IP))?.status).toBe(418);
	time.advance(120_000);
	expect(refusal(() => limits.admit(IP))?.status).toBe(429);
	expect(refusal(() => limits.admit(IP))?.status).toBe(418);
});

test("bans are forgotten three days after the last, and so is who stays away", () => {
	const { time, limits } = setUp({ requestWeightPerMinute: 1, refusalsBeforeBan: 0 });
	limits.chargeFailed(IP, 1);
	expect(refusal(() => limits.admit(IP))?.retryAfterMs).toBe(120_000);
	time.advance(120_000 + 259_200_000 + 600_000);
	limits.admit("9.9.9.9");
	expect(limits.addresses).toBe(1);
	limits.chargeFailed(IP, 1);
	expect(refusal(() => limits.admit(IP))?.retryAfterMs).toBe(120_000);
});

test("addresses of one IPv6 subscriber count together", () => {
	expect(limitKey("2001:db8:0:1::5")).toBe("2001:db8:0:1");
	expect(limitKey("2001:0DB8:0000:0001:ffff:1:2:3")).toBe("2001:db8:0:1");
	expect(limitKey("2001:db8::1")).toBe("2001:db8:0:0");
	expect(limitKey("::1")).toBe("0:0:0:0");
	expect(limitKey(IP)).toBe(IP);
	expect(plainAddress("::ffff:1.2.3.4")).toBe(IP);
	expect(plainAddress("2001:db8::1")).toBe("2001:db8::1");
});
