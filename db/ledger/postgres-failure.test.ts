import { expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { isDriversOwn, postgresFailure } from "./postgres-failure.ts";

function failed(code: string): Error {
	return Object.assign(new Error(`failed with ${code}`), { code });
}

test.each([
	...["08006", "57P01", "57P03", "25006", "25P03", "CONNECTION_CLOSED", "CONNECT_TIMEOUT"],
	...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH"],
])("%s is a server that is away: the call is repeated, on new connections", (code) => {
	const { error, discardPool } = postgresFailure(failed(code));
	expect(error).toBeInstanceOf(LedgerUnavailable);
	expect(discardPool).toBe(true);
});

test.each(["40001", "40P01", "55P03", "57014", "53300"])(
	"%s passes: the connections stay",
	(code) => {
		const { error, discardPool } = postgresFailure(failed(code));
		expect(error).toBeInstanceOf(LedgerUnavailable);
		expect(discardPool).toBe(false);
	},
);

test.each(["23505", "23514", "22003", "21000"])("%s breaks a rule of the schema", (code) => {
	expect(postgresFailure(failed(code)).error).toBeInstanceOf(InvariantViolation);
});

// A password that is wrong, a token that is refused.
test.each(["28P01", "28000", "42P01", "ERR_TLS_CERT_ALTNAME_INVALID"])(
	"%s is for a person",
	(code) => {
		const thrown = failed(code);
		expect(postgresFailure(thrown)).toEqual({ error: thrown, discardPool: false });
	},
);

test("drizzle's wrapping is taken off", () => {
	const wrapped = new Error("Failed query", { cause: failed("ECONNRESET") });
	expect(postgresFailure(wrapped).error).toBeInstanceOf(LedgerUnavailable);
});

test("what the driver asks by itself is told from what we ask", () => {
	const own = Object.assign(failed("CONNECTION_DESTROYED"), { query: "select b.oid, b.typarray" });
	const ours = Object.assign(failed("CONNECTION_DESTROYED"), { query: "select 1" });
	expect([own, ours, failed("08006"), null, "text"].map(isDriversOwn)).toEqual([
		...[true, false, false, false, false],
	]);
});
