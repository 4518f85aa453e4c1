import { readFileSync } from "node:fs";

/** A user's key, as the load signs with it. */
export interface LoadKey {
	readonly apiKey: string;
	readonly secret: string;
}

/** So many keys as lines of "apiKey secret": the same each time, for nobody guards them. */
export function makeKeys(count: number): string {
	const line = (i: number) => {
		const number = String(i).padStart(6, "0");
		return `${"K".repeat(58)}${number} ${"s".repeat(58)}${number}\n`;
	};
	return Array.from({ length: count }, (_, i) => line(i)).join("");
}

/** The keys of such a file. */
export function readKeys(file: string): readonly LoadKey[] {
	return readFileSync(file, "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => {
			const [apiKey = "", secret = ""] = line.split(" ");
			return { apiKey, secret };
		});
}
