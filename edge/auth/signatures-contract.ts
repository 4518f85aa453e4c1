import { describe, expect, test } from "bun:test";
import type { Signatures, VerificationKey } from "../../schemas/ports/crypto.ts";

const utf8 = new TextEncoder();

/** Binance's documented examples; the Ed25519 key is the public half of the one in fix-api.md. */
const HMAC: VerificationKey = {
	type: "hmac",
	material: "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
};
const REST_PAYLOAD =
	"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
const REST_SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
const WS_PAYLOAD =
	"apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT";
const WS_SIGNATURE = "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24";
const ED25519_PRIVATE = "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u";
const FIX_PAYLOAD = ["A", "EXAMPLE", "SPOT", "1", "20240627-11:17:25.223"].join("\u0001");
const FIX_SIGNATURE =
	"4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==";

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

interface Pair {
	readonly key: VerificationKey;
	sign(payload: string): Promise<string>;
}

/** What every implementation of Signatures does. */
export function signaturesContract(name: string, make: () => Signatures): void {
	describe(`${name}: signatures`, () => {
		const signatures = make();
		const verify = async (key: VerificationKey, payload: string, signature: string) =>
			await signatures.verify(key, payload, signature);

		test("golden HMAC, REST and WebSocket", async () => {
			expect(await verify(HMAC, REST_PAYLOAD, REST_SIGNATURE)).toBe(true);
			expect(await verify(HMAC, WS_PAYLOAD, WS_SIGNATURE)).toBe(true);
			expect(await verify(HMAC, WS_PAYLOAD, REST_SIGNATURE)).toBe(false);
		});

		test("HMAC in any case, and nothing else than hex", async () => {
			expect(await verify(HMAC, REST_PAYLOAD, REST_SIGNATURE.toUpperCase())).toBe(true);
			expect(await verify(HMAC, REST_PAYLOAD, `${REST_SIGNATURE}00`)).toBe(false);
			expect(await verify(HMAC, REST_PAYLOAD, REST_SIGNATURE.slice(2))).toBe(false);
			expect(await verify(HMAC, REST_PAYLOAD, "")).toBe(false);
			expect(await verify(HMAC, REST_PAYLOAD, `zz${REST_SIGNATURE.slice(2)}`)).toBe(false);
		});

		test("HMAC of characters that end as hex digits do is none: it would be good once more", async () => {
			// U+0163 has the low byte of "c"; others are digits elsewhere.
			for (const first of ["\u0163", "\uFF43", "\u00E3"]) {
				const spelling = first + REST_SIGNATURE.slice(1);
				expect(await verify(HMAC, REST_PAYLOAD, spelling)).toBe(false);
			}
		});

		test("golden Ed25519", async () => {
			const key: VerificationKey = { type: "ed25519", material: await publicHalf() };
			expect(await verify(key, FIX_PAYLOAD, FIX_SIGNATURE)).toBe(true);
			expect(await verify(key, `${FIX_PAYLOAD}x`, FIX_SIGNATURE)).toBe(false);
		});

		for (const kind of ["ed25519", "rsa"] as const) {
			test(`${kind}: true and false signatures, in one spelling only`, async () => {
				const { key, sign } = await newPair(kind);
				const signature = await sign("a=1&b=€");
				expect(await verify(key, "a=1&b=€", signature)).toBe(true);
				expect(await verify(key, "a=1&b=e", signature)).toBe(false);
				const other = await newPair(kind);
				expect(await verify(other.key, "a=1&b=€", signature)).toBe(false);
				for (const spelling of otherSpellings(signature)) {
					expect(await verify(key, "a=1&b=€", spelling)).toBe(false);
				}
			});
		}

		test("tells public keys of a type from all other texts", async () => {
			const ed25519 = (await newPair("ed25519")).key.material;
			const rsa = (await newPair("rsa")).key.material;
			const weak = (await newPair("rsa", 1_024)).key.material;
			expect(await signatures.isPublicKey("ed25519", ed25519)).toBe(true);
			expect(await signatures.isPublicKey("rsa", rsa)).toBe(true);
			expect(await signatures.isPublicKey("rsa", ed25519)).toBe(false);
			expect(await signatures.isPublicKey("ed25519", rsa)).toBe(false);
			expect(await signatures.isPublicKey("rsa", weak)).toBe(false);
			expect(await signatures.isPublicKey("ed25519", pem("PRIVATE", ED25519_PRIVATE))).toBe(false);
			expect(await signatures.isPublicKey("ed25519", "")).toBe(false);
			expect(await signatures.isPublicKey("rsa", pem("PUBLIC", "AAAA"))).toBe(false);
		});

		test("a key that is no key verifies nothing", async () => {
			const key: VerificationKey = { type: "ed25519", material: "no key" };
			expect(await verify(key, FIX_PAYLOAD, FIX_SIGNATURE)).toBe(false);
		});

		test("sha256 of UTF-8", async () => {
			expect(await signatures.sha256("abc")).toBe(
				"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
			);
			expect(await signatures.sha256("€")).toBe(await signatures.sha256("\u20ac"));
		});
	});
}

/** The same bytes in base64 that is not canonical: without padding, with spare bits, for URLs. */
function otherSpellings(signature: string): string[] {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const bare = signature.replace(/=+$/, "");
	const last = letters.indexOf(bare.at(-1)!);
	const spare = `${bare.slice(0, -1)}${letters[last + 1]}${"=".repeat(signature.length - bare.length)}`;
	return [bare, spare, ` ${signature}`, `${signature}\n`];
}

async function publicHalf(): Promise<string> {
	const der = Uint8Array.from(atob(ED25519_PRIVATE), (c) => c.charCodeAt(0));
	const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
	const { x, kty, crv } = await crypto.subtle.exportKey("jwk", key);
	const jwk = { x: x!, kty: kty!, crv: crv! };
	const pub = await crypto.subtle.importKey("jwk", jwk, "Ed25519", true, ["verify"]);
	return await exportPem(pub);
}

async function newPair(kind: "ed25519" | "rsa", bits = 2_048): Promise<Pair> {
	const algorithm =
		kind === "rsa"
			? { ...RSA, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) }
			: { name: "Ed25519" };
	const pair = (await crypto.subtle.generateKey(algorithm, true, [
		"sign",
		"verify",
	])) as CryptoKeyPair;
	return {
		key: { type: kind, material: await exportPem(pair.publicKey) },
		async sign(payload) {
			const name = kind === "rsa" ? RSA.name : "Ed25519";
			const bytes = await crypto.subtle.sign(name, pair.privateKey, utf8.encode(payload));
			return btoa(String.fromCharCode(...new Uint8Array(bytes)));
		},
	};
}

async function exportPem(key: CryptoKey): Promise<string> {
	const der = new Uint8Array(await crypto.subtle.exportKey("spki", key));
	return pem("PUBLIC", btoa(String.fromCharCode(...der)));
}

function pem(kind: string, base64: string): string {
	const lines = base64.match(/.{1,64}/g)!.join("\n");
	return `-----BEGIN ${kind} KEY-----\n${lines}\n-----END ${kind} KEY-----\n`;
}
