import { plainAddress } from "../limits/address.ts";

/**
 * The address that limits and key restrictions go by: the peer's, or behind a balancer the last hop
 * of X-Forwarded-For, the only one that the balancer itself wrote.
 */
export function clientAddress(headers: Headers, peer: string, trustForwardedFor: boolean): string {
	if (!trustForwardedFor) return plainAddress(peer);
	const forwarded = headers.get("x-forwarded-for");
	if (forwarded === null) return plainAddress(peer);
	const last = forwarded.slice(forwarded.lastIndexOf(",") + 1).trim();
	return plainAddress(last === "" ? peer : withoutPort(last));
}

/** Some balancers write the client's port beside its address: "1.2.3.4:5678", "[2001:db8::1]:5678". */
function withoutPort(hop: string): string {
	const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d+)?|([^:]*):\d+)$/.exec(hop) ?? [];
	return bracketed ?? dotted ?? hop;
}
