import { timeUnitOf } from "../../schemas/api/time-unit.ts";
import { pathOf, queryOf } from "../../schemas/api/url-parts.ts";
import type { PayloadForm } from "./payload-form.ts";

/** What a client asks for by the address it connects to. */
export interface RequestTarget {
	readonly form: PayloadForm;
	/** Streams and listen keys, without doubles, in the order given. */
	readonly names: readonly string[];
}

/** True for the paths that this worker answers. */
export function isStreamsPath(pathname: string): boolean {
	return pathname === "/ws" || pathname === "/stream" || pathname.startsWith("/ws/");
}

/**
 * Reads the address of a connection: `/ws`, `/ws/<name>[/<name>…]`, `/stream[?streams=<name>/…]`, with
 * `timeUnit`. Unknown names are no error: some clients connect to a name of their own and subscribe.
 * The query is decoded by hand, since `+` stands for itself in `kline_1d@+08:00`.
 */
export function requestTargetOf(url: string): RequestTarget | "badTimeUnit" | "badEscape" {
	const path = pathOf(url);
	const combined = path === "/stream";
	const query = new Map<string, string>();
	for (const pair of queryOf(url).split("&")) {
		const at = pair.indexOf("=");
		if (at > 0) query.set(pair.slice(0, at), pair.slice(at + 1));
	}
	const unit = timeUnitOf(query.get("timeUnit"));
	if (unit === null) return "badTimeUnit";
	const list = decoded(combined ? (query.get("streams") ?? "") : path.slice("/ws/".length));
	if (list === null) return "badEscape";
	const names = new Set(list.split("/").filter((name) => name !== ""));
	return { form: { combined, unit }, names: [...names] };
}

function decoded(text: string): string | null {
	try {
		return decodeURIComponent(text);
	} catch {
		return null;
	}
}
