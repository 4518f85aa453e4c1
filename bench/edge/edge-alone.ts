import { join } from "node:path";
import { InProcessKeyValue } from "../../db/cache/in-process-key-value.ts";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { StoredListenKeys } from "../../db/cache/listen-keys.ts";
import { JsonLogger } from "../../db/machine/json-logger.ts";
import { LogFile } from "../../db/machine/log-file.ts";
import { systemRandom } from "../../db/machine/system-random.ts";
import { systemClock, systemScheduler } from "../../db/machine/system-time.ts";
import { createEdge, type Edge } from "../../edge/app.ts";
import { WebSecretBox } from "../../edge/auth/web-secret-box.ts";
import { NodeSignatures } from "../../edge/entry/node-signatures.ts";
import { pageRoutes } from "../../edge/openapi/page-routes.ts";
import { operations } from "../../edge/operations.ts";
import type { EdgeServices } from "../../edge/services.ts";
import { DEFAULT_EDGE_SETTINGS } from "../../edge/settings.ts";
import type { AveragePriceView } from "../../schemas/market.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { ApiKey, Users } from "../../schemas/ports/users.ts";
import { VenueConfig, type VenueView } from "../../schemas/venue-config.ts";
import { FIRST_ASSETS, firstMarkets } from "../../workers/exchange/markets.ts";
import { DEFAULT_STREAMS_SETTINGS } from "../../workers/streams/settings.ts";
import { StreamsWorker } from "../../workers/streams/worker.ts";
import { symbolOf } from "../../workers/venue/symbol-draft.ts";
import { InstantAccounts } from "./instant-accounts.ts";
import type { LoadKey } from "./load-keys.ts";

/** Nobody is refused for how much is asked. */
const NO_LIMITS = {
	requestWeightPerMinute: 1e12,
	rawRequestsPer5Minutes: 1e12,
	connectionsPer5Minutes: 1e12,
} as const;

/** The real edge with the machine's own adapters, in front of accounts that answer at once. */
export async function edgeAlone(
	folder: string,
	keys: readonly LoadKey[],
): Promise<{ readonly edge: Edge; readonly streams: StreamsWorker }> {
	const file = new LogFile(join(folder, "exchange.log"));
	const logger: Logger = new JsonLogger("info", (text) => file.writeSoon(text));
	const machine = { clock: systemClock, scheduler: systemScheduler, random: systemRandom, logger };
	const pubsub = new InProcessPubSub({ scheduler: systemScheduler });
	const keyValue = new InProcessKeyValue(machine);
	const listenKeys = new StoredListenKeys({ keyValue, random: systemRandom });
	const secretBox = new WebSecretBox("07".repeat(32));
	const venue = firstVenue();
	const accounts = new InstantAccounts(venue).service();
	const services: Partial<EdgeServices> = {
		...{ ...machine, pubsub, keyValue, listenKeys, secretBox },
		settings: { ...DEFAULT_EDGE_SETTINGS, ...NO_LIMITS },
		accounts: () => accounts,
		marketData: {
			venue,
			averagePrice: (symbolId: number) => averageOf(symbolId),
		} as unknown as EdgeServices["marketData"],
		users: await usersOf(keys, secretBox),
		signatures: new NodeSignatures(),
		ready: () => true,
		metrics: () => "",
		fatal: (error) => {
			throw error;
		},
	};
	return {
		edge: createEdge(services as EdgeServices, operations, pageRoutes(operations)),
		streams: new StreamsWorker({
			...{ ...machine, pubsub, listenKeys, venue },
			accounts: () => accounts,
			clientKey: (_headers, peer) => peer,
			settings: DEFAULT_STREAMS_SETTINGS,
		}),
	};
}

/** The middle of the load's prices, in ticks: nobody is refused for being far from it. */
const MIDDLE_TICKS = [0, 6_000_000, 300_000, 5_000];

function averageOf(symbolId: number): AveragePriceView {
	const lastTicks = MIDDLE_TICKS[symbolId] ?? 0;
	const volumeLots = 300_000n;
	const quoteTickLots = volumeLots * BigInt(lastTicks);
	return { mins: 5, volumeLots, quoteTickLots, lastTicks, closeTimeMs: Date.now() };
}

/** The markets of a first start. */
function firstVenue(): VenueView {
	const assets = FIRST_ASSETS;
	const asset = (name: string) => assets.find((one) => one.asset === name)!;
	return new VenueConfig({
		assets,
		symbols: firstMarkets(asset).map((draft, i) => symbolOf(draft, i + 1, 0)),
	});
}

async function usersOf(keys: readonly LoadKey[], secretBox: WebSecretBox): Promise<Users> {
	const byText = new Map<string, ApiKey>();
	for (const [i, { apiKey, secret }] of keys.entries()) {
		byText.set(apiKey, {
			...{ keyId: i + 1, userId: i + 1, apiKey, type: "hmac", label: "" },
			material: await secretBox.seal(secret),
			...{ scopes: ["read", "trade"], ips: [], generation: 1, revoked: false, createdAtMs: 0 },
		});
	}
	const users: Partial<Users> = { keyByText: async (text) => byText.get(text) ?? null };
	return users as Users;
}
