import * as v from "valibot";
import { listening } from "../../db/machine/listen-failure.ts";
import type { FRAME_SETTINGS, ProcessFrame, Program } from "../../db/machine/process-frame.ts";
import { heldToLedger } from "../../db/stores/server-settings.ts";
import type { Passwords, Signatures } from "../../schemas/ports/crypto.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import { type SettingsOf, secretSetting } from "../../schemas/settings.ts";
import {
	ACCOUNT_LIMITS,
	API_SETTINGS,
	CLIENT_SETTINGS,
	LISTEN_SETTINGS,
} from "../../schemas/venue-settings.ts";
import { createEdge, type Edge } from "../app.ts";
import { WebSecretBox } from "../auth/web-secret-box.ts";
import type { Gateway } from "../link/gateway.ts";
import { pageRoutes } from "../openapi/page-routes.ts";
import { operations } from "../operations.ts";
import type { EdgeServices } from "../services.ts";
import type { EdgeSettings } from "../settings.ts";
import { edgeSettings } from "./edge-settings.ts";
import { EDGE_STORE_SETTINGS, openEdgeStores } from "./edge-stores.ts";
import { LINKED_SETTINGS, openGateway, readyWith, type ServeLinks } from "./linked-gateway.ts";
import { type Listening, type ListenOn, stopOnceLeft, urlOf } from "./listening.ts";
import { pageAssets } from "./page-assets.ts";
import { tracedAccounts } from "./traced-accounts.ts";

/** The key that seals secrets at rest: of every process that opens or seals one. */
const VENUE_KEY_SETTING = {
	VENUE_KEY: secretSetting(
		"the key that seals users' secrets, 64 hex digits",
		null,
		v.pipe(v.string(), v.regex(/^[0-9A-Fa-f]{64}$/, "must be 64 hex digits")),
	),
} as const;

/** Settings of all services of the edge. */
export const EDGE_SERVICE_SETTINGS = {
	...VENUE_KEY_SETTING,
	...API_SETTINGS,
	...ACCOUNT_LIMITS,
	...CLIENT_SETTINGS,
	...LINKED_SETTINGS,
	...EDGE_STORE_SETTINGS,
} as const;

const SETTINGS = { ...LISTEN_SETTINGS, ...EDGE_SERVICE_SETTINGS } as const;

/** What a runtime does in its own way. */
export interface EdgeRuntime {
	readonly name: string;
	readonly signatures: Signatures;
	readonly passwords: Passwords;
	serveEdge(edge: Edge, settings: EdgeSettings, listen: ListenOn): Listening;
	serveLinks: ServeLinks;
}

/** Longest wait for requests under way: the engine's answers come within its wait. */
const GRACE_MS = 5_000;

/** The edge as a process of its own: REST, documents and /ws-api/v3. */
export function edgeProgram(runtime: EdgeRuntime): Program<typeof SETTINGS> {
	return {
		name: "edge",
		says: `REST, documents and /ws-api/v3, under ${runtime.name}`,
		settings: SETTINGS,
		async start(settings, frame) {
			const { services, gateway } = await openEdgeServices(settings, frame, runtime);
			const edge = createEdge(services, operations, pageRoutes(operations));
			const place = { prefix: "", hostname: settings.HOST, port: settings.PORT };
			const http = listening(place, () => runtime.serveEdge(edge, services.settings, place));
			frame.addMetrics(() => edge.metrics());
			frame.logger.info("listens", { url: urlOf(settings.HOST, http.port) });
			frame.onDrain(async () => {
				await stopOnceLeft(http, edge.leave(), GRACE_MS);
				edge.close();
			});
			readyWith(gateway, frame);
		},
	};
}

/** Everything the edge talks to, in a cluster; the venue's operator needs the same. */
export async function openEdgeServices(
	settings: SettingsOf<typeof EDGE_SERVICE_SETTINGS & typeof FRAME_SETTINGS>,
	frame: ProcessFrame,
	runtime: Pick<EdgeRuntime, "signatures" | "passwords" | "serveLinks">,
): Promise<{ readonly services: EdgeServices; readonly gateway: Gateway }> {
	await frame.untilThere("PostgreSQL", () => heldToLedger(settings));
	const { marketCache, ...stores } = await openEdgeStores(settings, frame);
	const gateway = openGateway(settings, frame, runtime.serveLinks, marketCache);
	const { clock, scheduler, random, logger } = frame;
	const { signatures, passwords } = runtime;
	const shards = gateway.shardServices.map((service) =>
		tracedAccounts(service, logger, settings.LOG_ONE_IN),
	);
	const services: EdgeServices = {
		...stores,
		...{ clock, scheduler, random, logger, signatures, passwords },
		settings: edgeSettings(settings),
		secretBox: new WebSecretBox(settings.VENUE_KEY),
		accounts: (userId) => shards[shardOfUser(userId, shards.length) - 1]!,
		marketData: gateway.marketData,
		asset: pageAssets(),
		fatal: (error) => frame.fatal(error),
		// As its health listener says: a shard that changes hands takes no edge from the balancer.
		ready: () => frame.isReady(),
		// What else the process has to tell is on its health listener.
		metrics: () => "",
	};
	return { services, gateway };
}
