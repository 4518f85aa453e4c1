import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { EdgeServices } from "../services.ts";

/** The files of swagger-ui-dist that the API page uses; nothing else of the package is served. */
const TYPES: Readonly<Record<string, string>> = {
	"swagger-ui.css": "text/css; charset=utf-8",
	"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	"favicon-32x32.png": "image/png",
};

/** Reads them from the installed package, once each. */
export function pageAssets(): EdgeServices["asset"] {
	const kept = new Map<string, Uint8Array<ArrayBuffer>>();
	return async (name) => {
		const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
		if (type === undefined) return null;
		let bytes = kept.get(name);
		if (bytes === undefined) {
			const path = fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));
			bytes = Uint8Array.from(await readFile(path));
			kept.set(name, bytes);
		}
		return { type, bytes };
	};
}
