import { timingSafeEqual } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { ENDPOINT_FILE, type OperatorEndpoint } from "../../../db/data-dir/operator-endpoint.ts";
import { type ListenPlace, listening } from "../../../db/machine/listen-failure.ts";
import { SERVE_OPTIONS } from "../../../db/machine/serve-options.ts";
import { ApiError } from "../../../edge/api-error.ts";
import { NoAnswer } from "../../../edge/link/worker-link.ts";
import { InvariantViolation } from "../../../schemas/invariant.ts";
import { KeyValueUnavailable } from "../../../schemas/ports/key-value.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { VenueStopped } from "../../venue/worker.ts";
import { flagFaults, OperatorRefusal, OperatorUnanswered } from "./action.ts";
import { OPERATOR_ACTIONS } from "./actions.ts";
import type { OperatorServices } from "./services.ts";

const requestShape = v.object({ action: v.string(), flags: v.record(v.string(), v.string()) });

/** What the command line sends. */
export type OperatorRequest = v.InferOutput<typeof requestShape>;

/** Where the operator's listener is. */
export function operatorPlace(port: number): ListenPlace {
	return { prefix: "OPERATOR_", hostname: "127.0.0.1", port };
}

/**
 * The operator's listener: loopback only, a port of its own, and a token that is made anew at each
 * start and stands in a file with mode 0600.
 */
export class OperatorListener {
	private readonly file: string;
	private readonly endpoint: string;
	private readonly server: Bun.Server<undefined>;

	constructor(services: OperatorServices, dataDir: string, port: number) {
		const token = Buffer.from(services.edge.random.bytes(32)).toString("hex");
		this.file = join(dataDir, ENDPOINT_FILE);
		const place = operatorPlace(port);
		const fetch = async (request: Request): Promise<Response> => {
			if (!mayPass(request, token)) return answer({ error: "token refused" }, 401);
			return await perform(services, request);
		};
		const { hostname } = place;
		this.server = listening(place, () =>
			Bun.serve({ hostname, port, maxRequestBodySize: 65_536, ...SERVE_OPTIONS, fetch }),
		);
		const endpoint: OperatorEndpoint = { url: `http://127.0.0.1:${this.server.port}`, token };
		this.endpoint = JSON.stringify(endpoint);
		writeFileSync(this.file, this.endpoint, { mode: 0o600 });
		chmodSync(this.file, 0o600);
	}

	async stop(): Promise<void> {
		// One that hung and is stopped now leaves that of its successor.
		if (contentOf(this.file) === this.endpoint) rmSync(this.file, { force: true });
		await this.server.stop(true);
	}
}

/** Null when it is not there. */
function contentOf(file: string): string | null {
	return existsSync(file) ? readFileSync(file, "utf8") : null;
}

function mayPass(request: Request, token: string): boolean {
	const given = Buffer.from(request.headers.get("authorization") ?? "");
	const wanted = Buffer.from(`Bearer ${token}`);
	return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function perform(services: OperatorServices, request: Request): Promise<Response> {
	const asked = v.safeParse(requestShape, await request.json().catch(() => null));
	if (!asked.success)
		return answer({ error: "must be JSON: an action and its flags, all texts" }, 400);
	const { action: name, flags } = asked.output;
	const wanted = OPERATOR_ACTIONS.get(name);
	if (wanted === undefined) return answer({ error: `there is no command "${name}"` }, 404);
	const parsed = v.safeParse(wanted.flags, flags);
	if (!parsed.success) {
		const error = flagFaults(parsed.issues).join("; ");
		return answer({ error, usage: `${name} ${wanted.usage}` }, 400);
	}
	try {
		return answer(await wanted.run(services, parsed.output), 200);
	} catch (error) {
		if (error instanceof InvariantViolation) services.edge.fatal(error);
		if (error instanceof OperatorRefusal || error instanceof ApiError) {
			return answer({ error: error.message }, 400);
		}
		if (error instanceof OperatorUnanswered) return answer({ error: error.message }, 503);
		const why = error instanceof Error ? error.message : String(error);
		services.edge.logger.error("operator command failed", { action: name, error: why });
		const what = whatIsAway(error);
		if (what === null) return answer({ error: why }, 400);
		return answer({ error: `${what} (${why}): it may be done, all or in part; say it again` }, 503);
	}
}

/** Where nobody knows what became of a command; null for an error that says that it is not done. */
function whatIsAway(error: unknown): string | null {
	if (error instanceof LedgerUnavailable) return "PostgreSQL is away";
	if (error instanceof KeyValueUnavailable) return "Redis is away";
	return error instanceof NoAnswer || error instanceof VenueStopped ? "no answer" : null;
}

function answer(body: unknown, status: number): Response {
	const text = JSON.stringify(body, (_key, value: unknown) =>
		typeof value === "bigint" ? value.toString() : value,
	);
	return new Response(text, { status, headers: { "content-type": "application/json" } });
}
