/**
 * The operator's command line: words, then flags; JSON out. Exits with 0 when it was done, 1 when it was refused (or
 * an audit found a fault), 64 when words and flags make no command, 69 when nothing is running, or nobody knows (of an
 * audit: what it found is sound, and there is what it could not check).
 *
 *   bun run operator deposit --user 1 --asset USDT --amount 1000 --id first
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { defaultDataDir } from "../../../db/data-dir/default-data-dir.ts";
import { ENDPOINT_FILE, type OperatorEndpoint } from "../../../db/data-dir/operator-endpoint.ts";
import { EXIT } from "../../../db/machine/exit-codes.ts";
import { OPERATOR_ACTIONS, operatorHelp } from "./actions.ts";
import type { OperatorRequest } from "./listener.ts";

const endpointShape: v.GenericSchema<unknown, OperatorEndpoint> = v.object({
	url: v.pipe(v.string(), v.url()),
	token: v.string(),
});
const checkout = resolve(import.meta.dir, "../../..");

/** What of an answer the exit code follows. */
interface Body {
	readonly sound?: boolean;
	readonly unchecked?: readonly string[];
	readonly usage?: string;
}

async function main(argv: readonly string[]): Promise<number> {
	if (argv.length === 0 || argv.includes("--help")) {
		console.log(operatorHelp());
		return argv.length === 0 ? EXIT.wrongUsage : 0;
	}
	const request = requestOf(argv);
	if (typeof request === "string") {
		console.error(request);
		return EXIT.wrongUsage;
	}
	const dataDir = resolve(process.env["DATA_DIR"] || defaultDataDir(checkout));
	const file = join(dataDir, ENDPOINT_FILE);
	if (!existsSync(file)) {
		console.error(`no exchange runs on ${dataDir}: start it first, or set DATA_DIR`);
		return EXIT.unavailable;
	}
	const endpoint = endpointIn(file);
	if (endpoint !== null) return send(endpoint, request);
	console.error(
		`${file} cannot be read: it says where the exchange is, which writes it at its start`,
	);
	return EXIT.unavailable;
}

/** Null when it is damaged, or not ours to read. */
function endpointIn(file: string): OperatorEndpoint | null {
	try {
		const read = v.safeParse(endpointShape, JSON.parse(readFileSync(file, "utf8")));
		return read.success ? read.output : null;
	} catch {
		return null;
	}
}

/** The command of some words and flags, or what is wrong with them. */
function requestOf(argv: readonly string[]): OperatorRequest | string {
	const words: string[] = [];
	const flags: Record<string, string> = {};
	for (let i = 0; i < argv.length; i += 1) {
		const word = argv[i] as string;
		if (!word.startsWith("--")) {
			words.push(word);
			continue;
		}
		const equals = word.indexOf("=");
		const name = word.slice(2, equals === -1 ? undefined : equals);
		const value = equals === -1 ? argv[++i] : word.slice(equals + 1);
		if (value === undefined) return `--${name} needs a value`;
		if (Object.hasOwn(flags, name)) return `--${name} is given twice`;
		flags[name] = value;
	}
	const action = words.join(" ");
	if (OPERATOR_ACTIONS.has(action)) return { action, flags };
	return `there is no command "${action}"\n\n${operatorHelp()}`;
}

async function send(endpoint: OperatorEndpoint, request: OperatorRequest): Promise<number> {
	try {
		const response = await fetch(endpoint.url, {
			method: "POST",
			headers: { authorization: `Bearer ${endpoint.token}` },
			body: JSON.stringify(request),
		});
		// More than the listener reads: it has not looked at any of it.
		if (response.status === 413) {
			console.error(JSON.stringify({ error: "the command is too long" }, null, 2));
			return EXIT.wrongUsage;
		}
		const body = (await response.json()) as Body;
		(response.ok ? console.log : console.error)(JSON.stringify(body, null, 2));
		if (response.ok) return codeOf(body);
		if (response.status === 503) return EXIT.unavailable;
		return body.usage === undefined ? 1 : EXIT.wrongUsage;
	} catch {
		console.error(`the exchange at ${endpoint.url} does not answer: is it still running?`);
		return EXIT.unavailable;
	}
}

function codeOf({ sound = true, unchecked = [] }: Body): number {
	if (!sound) return 1;
	return unchecked.length > 0 ? EXIT.unavailable : 0;
}

process.exit(await main(process.argv.slice(2)));
