import { expect, test } from "bun:test";
import { signaturesContract } from "../auth/signatures-contract.ts";
import { NodeSignatures } from "./node-signatures.ts";

signaturesContract("node:crypto", () => new NodeSignatures());

test("what somebody else's cryptography stumbled over does not fail a signature", async () => {
	const key = { type: "hmac", material: "k".repeat(64) } as const;
	const payload = "a=1&b=€";
	const signature = new Bun.CryptoHasher("sha256", key.material).update(payload).digest("hex");
	const signatures = new NodeSignatures();
	expect(signatures.verify(key, payload, signature)).toBe(true);
	const junk = crypto.subtle.importKey("spki", new Uint8Array(10), "Ed25519", false, ["verify"]);
	await junk.catch(() => undefined);
	expect(signatures.verify(key, payload, signature)).toBe(true);
	await crypto.subtle
		.importKey("spki", new Uint8Array(10), "Ed25519", false, ["verify"])
		.catch(() => undefined);
	expect(signatures.verify(key, payload, signature.replace(/^./, "g"))).toBe(false);
	expect(signatures.verify(key, payload, "0".repeat(64))).toBe(false);
});
