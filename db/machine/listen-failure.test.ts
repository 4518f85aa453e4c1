import { expect, test } from "bun:test";
import { SettingsError } from "../../schemas/settings.ts";
import { CannotStart } from "./cannot-start.ts";
import { listening } from "./listen-failure.ts";

const place = { prefix: "LINK_", hostname: "10.0.0.1", port: 80 };

/** What it ends with when the system says that. */
function failed(error: Error): unknown {
	try {
		return listening(place, () => {
			throw error;
		});
	} catch (thrown) {
		return thrown;
	}
}

const coded = (code: string) => Object.assign(new Error("Is port 80 in use?"), { code });

test("what cannot listen is named by the setting that is to blame", () => {
	expect(failed(coded("EADDRINUSE"))).toBeInstanceOf(CannotStart);
	expect(String(failed(coded("EADDRINUSE")))).toContain("LINK_PORT=80 is taken on 10.0.0.1: ");
	expect(failed(coded("EACCES"))).toBeInstanceOf(CannotStart);
	expect(String(failed(coded("EACCES")))).toContain("LINK_PORT=80 is not for this user");
	for (const code of ["EADDRNOTAVAIL", "EINVAL", "ENOTFOUND"]) {
		expect(failed(coded(code))).toBeInstanceOf(SettingsError);
		expect(String(failed(coded(code)))).toContain("LINK_HOST=10.0.0.1: must be an address");
	}
});

test("a fault in the program is no fault of the settings", () => {
	const fault = new TypeError("a bug");
	expect(failed(fault)).toBe(fault);
});
