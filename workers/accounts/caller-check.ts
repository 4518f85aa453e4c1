import type { Caller, Refusal } from "../../schemas/ports/account-service.ts";
import type { Access } from "./access.ts";
import type { Lane } from "./answers.ts";
import { SeenSignatures } from "./seen-signatures.ts";

/** How far a client's timestamp may be ahead, as the edge allows it. */
export const AHEAD_MS = 1_000;

/**
 * The window of a call that says none, as the edge has it. The same signed bytes may say less than they did, or nothing,
 * when they are cut into query and body elsewhere; a signature is remembered for as long as any cut may pass.
 */
const DEFAULT_WINDOW_MS = 5_000;

/** Cancels find room when orders have filled the memory of signatures: it grows by a quarter for them. */
const CANCELS_SHARE = 1.25;

/**
 * Who may call, right before the log: the key's generation, the account, the signature once, the
 * timestamp. The memory of signatures dies with the worker, so one that the worker before may have
 * taken, by its timestamp, is refused.
 */
export class CallerCheck {
	private readonly access: Access;
	private readonly seen: SeenSignatures;
	private readonly notBeforeMs: number;

	/** @param notBeforeMs signed calls with an older timestamp may have been taken before the start */
	constructor(access: Access, maxSignatures: number, notBeforeMs: number) {
		this.access = access;
		this.seen = new SeenSignatures(maxSignatures);
		this.notBeforeMs = notBeforeMs;
	}

	/**
	 * Why the call is refused; null when it may go on. A signature counts from here on.
	 *
	 * @param nowMs never before a time that the shard has stamped: a signature that is forgotten stays
	 *   too old, and the stamp of what it led to is its bound for the worker after this one
	 */
	refusalOf(caller: Caller, lane: Lane, nowMs: number): Refusal | null {
		const refused = this.access.refusalOf(caller);
		if (refused !== null) return refused;
		const { signatureDigest, timestampMs, recvWindowMs } = caller;
		const runsOutAtMs = timestampMs + recvWindowMs;
		if (signatureDigest !== "" && this.seen.has(signatureDigest)) {
			return { reason: "signatureReplayed" };
		}
		if (timestampMs > 0 && nowMs > runsOutAtMs) return { reason: "timestampOutsideWindow" };
		if (signatureDigest === "") return null;
		if (timestampMs >= nowMs + AHEAD_MS) return { reason: "timestampOutsideWindow" };
		if (timestampMs < this.notBeforeMs) return { reason: "timestampOutsideWindow" };
		if (this.seen.isFull(lane === "cancel" ? CANCELS_SHARE : 1)) return { reason: "overloaded" };
		this.seen.remember(signatureDigest, timestampMs + Math.max(recvWindowMs, DEFAULT_WINDOW_MS));
		return null;
	}

	/** @param stampedMs the last time that the shard has stamped: `refusalOf` is never asked for an earlier one */
	forget(stampedMs: number): void {
		this.seen.forget(stampedMs);
	}
}
