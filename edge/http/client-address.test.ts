import { expect, test } from "bun:test";
import { clientAddress } from "./client-address.ts";

function behindBalancer(forwarded: string, trust = true): string {
	return clientAddress(new Headers({ "x-forwarded-for": forwarded }), "10.0.0.1", trust);
}

test.each([
	["192.0.2.7", "192.0.2.7"],
	["6.6.6.6, 192.0.2.7", "192.0.2.7"],
	["192.0.2.7:5678", "192.0.2.7"],
	["6.6.6.6:1, 192.0.2.7:5678", "192.0.2.7"],
	["2001:db8::1", "2001:db8::1"],
	["[2001:db8::1]", "2001:db8::1"],
	["[2001:db8::1]:80", "2001:db8::1"],
	["[::1]:80", "::1"],
	["::1", "::1"],
	["[::ffff:192.0.2.7]:80", "192.0.2.7"],
	["::ffff:192.0.2.7", "192.0.2.7"],
	["", "10.0.0.1"],
	["192.0.2.7, ", "10.0.0.1"],
])("the last hop of %p is %p, whatever port is beside it", (forwarded, address) => {
	expect(behindBalancer(forwarded)).toBe(address);
});

test("a header that is not trusted, or not there, says nothing", () => {
	expect(behindBalancer("192.0.2.7:5678", false)).toBe("10.0.0.1");
	expect(clientAddress(new Headers(), "::ffff:10.0.0.2", true)).toBe("10.0.0.2");
});
