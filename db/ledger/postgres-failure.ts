import { InvariantViolation } from "../../schemas/invariant.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";

/** What a failed call means to the caller, and whether the connections are of use any more. */
export interface PostgresFailure {
	readonly error: unknown;
	readonly discardPool: boolean;
}

/**
 * Connection lost, its host's name not found, no password to be had, server going down or starting up, or
 * read-only: a failover leaves such behind. Not Node's own ERR_…: what is wrong with a certificate stays wrong.
 */
const LOST = /^(08...|57P0[1-5]|25006|25P03|CONNECTION_.*|CONNECT_TIMEOUT|E(?!RR_)[A-Z_]{3,})$/;
/** Deadlock, serialization, lock or statement time-out, out of disk, memory or connections. */
const PASSING = /^(40...|55P03|57014|53...)$/;
/** Data, cardinality or integrity: what was asked breaks a rule of the schema. */
const FORBIDDEN = /^(21...|22...|23...)$/;

/** Sorts the errors of postgres.js, drizzle's wrapping taken off. */
export function postgresFailure(thrown: unknown): PostgresFailure {
	const error = thrown instanceof Error && hasCode(thrown.cause) ? thrown.cause : thrown;
	if (!hasCode(error)) return { error: thrown, discardPool: false };
	const { code, message } = error;
	if (LOST.test(code)) {
		return { error: new LedgerUnavailable(message, { cause: error }), discardPool: true };
	}
	if (PASSING.test(code)) {
		return { error: new LedgerUnavailable(message, { cause: error }), discardPool: false };
	}
	if (FORBIDDEN.test(code)) {
		return { error: new InvariantViolation(message, { cause: error }), discardPool: false };
	}
	return { error: thrown, discardPool: false };
}

/** True when the connection that this came from is of no use any more. */
export function isConnectionLost(thrown: unknown): boolean {
	return postgresFailure(thrown).discardPool;
}

/**
 * True for what the driver asked by itself and nobody waits for: the server's array types, at each connect.
 * It fails with its connection, as a rejection that nobody can handle; whoever asked for the connection
 * is told by himself. (Told not to ask, the driver never gives out a connection that is reserved first.)
 */
export function isDriversOwn(thrown: unknown): boolean {
	const { query } = (thrown ?? {}) as { readonly query?: unknown };
	return typeof query === "string" && query.includes("typarray");
}

function hasCode(error: unknown): error is Error & { readonly code: string } {
	return error instanceof Error && "code" in error && typeof error.code === "string";
}
