import * as v from "valibot";
import { plainAddress } from "../limits/address.ts";

const MAX_ADDRESSES = 30;

/** What a key may do. */
export const keyScopes = v.pipe(
	v.array(
		v.picklist(["read", "trade", "withdraw"], "must be of read, trade, withdraw"),
		"must be a list",
	),
	v.minLength(1, "must name at least one"),
	v.transform((scopes) => [...new Set(scopes)]),
);

/** The addresses that a key is bound to, as those of callers are written: they are compared as text. */
export const keyAddresses = v.pipe(
	v.array(
		v.pipe(
			v.string("must be a text"),
			v.ip("must be addresses, IPv4 or IPv6, without a range"),
			v.transform(canonicalAddress),
		),
		"must be a list",
	),
	v.maxLength(MAX_ADDRESSES, "has too many addresses"),
);

/** IPv6 has many ways to write an address; a URL's host is the one that sockets use. */
function canonicalAddress(ip: string): string {
	const plain = plainAddress(ip);
	return plain.includes(":") ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain;
}
