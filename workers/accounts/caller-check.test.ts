import { expect, test } from "bun:test";
import type { Caller } from "../../schemas/ports/account-service.ts";
import { Access } from "./access.ts";
import type { Lane } from "./answers.ts";
import { CallerCheck } from "./caller-check.ts";

/** A call that key 7 of user 1 signed at 50,000, good for five seconds. */
function signed(changes: Partial<Caller> = {}): Caller {
	return {
		userId: 1,
		keyId: 7,
		keyGeneration: 2,
		signatureDigest: "s1",
		timestampMs: 50_000,
		recvWindowMs: 5_000,
		...changes,
	};
}

const session: Caller = {
	...signed(),
	...{ keyId: 0, keyGeneration: 0, signatureDigest: "", timestampMs: 0, recvWindowMs: 0 },
};

function checking({ maxSignatures = 100, notBeforeMs = 40_000 } = {}) {
	const access = new Access();
	const check = new CallerCheck(access, maxSignatures, notBeforeMs);
	const reason = (caller: Caller, nowMs = 50_000, lane: Lane = "order") =>
		check.refusalOf(caller, lane, nowMs)?.reason ?? null;
	return { access, check, reason };
}

test("a signature passes once", () => {
	const { reason } = checking();
	expect(reason(signed())).toBeNull();
	expect(reason(signed())).toBe("signatureReplayed");
	expect(reason(signed({ signatureDigest: "s2" }))).toBeNull();
});

// The same signed bytes, cut into query and body elsewhere, say another window or none: a client's bytes, not his cut.
test("a signature is the same whatever window it is said to have", () => {
	const { check, reason } = checking();
	expect(reason(signed({ recvWindowMs: 10_000 }))).toBeNull();
	expect(reason(signed({ recvWindowMs: 1_000 }))).toBe("signatureReplayed");
	expect(reason(signed())).toBe("signatureReplayed");
	const short = signed({ signatureDigest: "s2", recvWindowMs: 1_000 });
	expect(reason(short)).toBeNull();
	check.forget(55_000);
	expect(reason({ ...short, recvWindowMs: 5_000 }, 55_000)).toBe("signatureReplayed");
	expect(reason({ ...short, recvWindowMs: 5_000 }, 55_001)).toBe("signatureReplayed");
});

test("a session has no signature and no timestamp: it passes as often as it likes", () => {
	const { reason } = checking({ maxSignatures: 0 });
	expect([reason(session), reason(session)]).toEqual([null, null]);
});

test("a timestamp is good for its window, to the millisecond", () => {
	const { reason } = checking();
	expect(reason(signed(), 55_000)).toBeNull();
	expect(reason(signed({ signatureDigest: "s2" }), 55_001)).toBe("timestampOutsideWindow");
	// Also of a call without a signature.
	expect(reason(signed({ signatureDigest: "" }), 55_001)).toBe("timestampOutsideWindow");
});

test("a timestamp is less than a second ahead, or the next worker could not bound it", () => {
	const { reason } = checking();
	expect(reason(signed(), 49_001)).toBeNull();
	expect(reason(signed({ signatureDigest: "s2" }), 49_000)).toBe("timestampOutsideWindow");
	expect(reason(signed({ signatureDigest: "" }), 49_000)).toBeNull();
});

test("what the worker before may have taken is refused, to the millisecond", () => {
	const { reason } = checking({ notBeforeMs: 50_000 });
	expect(reason(signed({ timestampMs: 49_999 }))).toBe("timestampOutsideWindow");
	expect(reason(signed({ timestampMs: 50_000 }))).toBeNull();
	// Nothing can be said twice without a signature.
	expect(reason(signed({ timestampMs: 49_999, signatureDigest: "" }))).toBeNull();
});

test("with its memory of signatures full it takes none, until some have run out", () => {
	const { check, reason } = checking({ maxSignatures: 1 });
	expect(reason(signed())).toBeNull();
	expect(reason(signed({ signatureDigest: "s2" }))).toBe("overloaded");
	check.forget(60_000);
	expect(reason(signed({ signatureDigest: "s2", timestampMs: 60_000 }), 60_000)).toBeNull();
});

test("cancels go on when orders have filled the memory of signatures, up to a quarter more", () => {
	const { reason } = checking({ maxSignatures: 4 });
	const call = (signatureDigest: string, lane: Lane) =>
		reason(signed({ signatureDigest }), 50_000, lane);
	for (const digest of ["a", "b", "c", "d"]) expect(call(digest, "order")).toBeNull();
	expect(call("e", "order")).toBe("overloaded");
	expect(call("f", "cancel")).toBeNull();
	expect(call("g", "cancel")).toBe("overloaded");
});

test("calls with an older generation of a key are refused from when a newer one is told", () => {
	const { access, reason } = checking();
	access.raiseGeneration(7, 2);
	expect(reason(signed())).toBeNull();
	access.raiseGeneration(7, 3);
	access.raiseGeneration(7, 1);
	expect(reason(signed({ signatureDigest: "s2" }))).toBe("keyRevoked");
	expect(reason(signed({ signatureDigest: "s2", keyId: 8 }))).toBeNull();
	expect(reason(signed({ signatureDigest: "s3", keyGeneration: 3 }))).toBeNull();
	// The first key ever made is a key.
	access.raiseGeneration(1, 3);
	expect(reason(signed({ signatureDigest: "s4", keyId: 1 }))).toBe("keyRevoked");
	// A session has no key whose generation could be raised.
	access.raiseGeneration(0, 9);
	expect(reason(session)).toBeNull();
});

test("a frozen user's calls are refused before anything of them is remembered", () => {
	const { access, reason } = checking();
	access.setFrozen(1, true);
	expect(access.isFrozen(1)).toBe(true);
	expect(reason(signed())).toBe("accountFrozen");
	expect(reason(signed({ userId: 2, signatureDigest: "s2" }))).toBeNull();
	access.setFrozen(1, false);
	expect(reason(signed())).toBeNull();
});
