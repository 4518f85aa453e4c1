import { X509Certificate } from "node:crypto";

const CERTIFICATES = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;

/** True for the PEM text of one certificate or more, all of them whole. */
export function arePemCertificates(text: string): boolean {
	const found = text.match(CERTIFICATES);
	return found?.every(isWhole) ?? false;
}

function isWhole(pem: string): boolean {
	try {
		return new X509Certificate(pem).subject !== null;
	} catch {
		return false;
	}
}
