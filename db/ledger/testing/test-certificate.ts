import { generateKeyPairSync, sign } from "node:crypto";

/** PEM. */
export interface TestCertificate {
	readonly certificate: string;
	readonly key: string;
}

/** What comes before the content, by X.690. */
const TAG = {
	boolean: 0x01,
	integer: 0x02,
	bits: 0x03,
	octets: 0x04,
	utf8: 0x0c,
	utcTime: 0x17,
	sequence: 0x30,
	set: 0x31,
	dnsName: 0x82,
	version: 0xa0,
	extensions: 0xa3,
} as const;

/** Object identifiers, encoded. */
const OID = {
	ecdsaWithSha256: Buffer.from("06082a8648ce3d040302", "hex"),
	commonName: Buffer.from("0603550403", "hex"),
	subjectAltName: Buffer.from("0603551d11", "hex"),
	basicConstraints: Buffer.from("0603551d13", "hex"),
} as const;

/** A fresh certificate (RFC 5280) for a host's name, signed by itself: it is its own authority. */
export function testCertificate(host: string): TestCertificate {
	const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
	const algorithm = der("sequence", OID.ecdsaWithSha256);
	const name = der("sequence", der("set", der("sequence", OID.commonName, der("utf8", host))));
	const yes = der("boolean", Buffer.from([0xff]));
	const altName = der("octets", der("sequence", der("dnsName", host)));
	const isAuthority = der("octets", der("sequence", yes));
	const toBeSigned = der(
		"sequence",
		der("version", der("integer", Buffer.from([2]))),
		der("integer", Buffer.from([1])),
		algorithm,
		name,
		der("sequence", der("utcTime", "200101000000Z"), der("utcTime", "491231235959Z")),
		name,
		publicKey.export({ type: "spki", format: "der" }),
		der(
			"extensions",
			der(
				"sequence",
				der("sequence", OID.subjectAltName, altName),
				der("sequence", OID.basicConstraints, yes, isAuthority),
			),
		),
	);
	const signature = der("bits", Buffer.from([0]), sign("sha256", toBeSigned, privateKey));
	const whole = der("sequence", toBeSigned, algorithm, signature);
	const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
	return {
		certificate: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join(
			"\n",
		),
		key: privateKey.export({ type: "pkcs8", format: "pem" }),
	};
}

function der(tag: keyof typeof TAG, ...content: readonly (Buffer | string)[]): Buffer {
	const body = Buffer.concat(content.map((part) => Buffer.from(part)));
	return Buffer.concat([Buffer.from([TAG[tag], ...lengthOctets(body.length)]), body]);
}

/** As few as can be. */
function lengthOctets(length: number): number[] {
	if (length < 0x80) return [length];
	return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
