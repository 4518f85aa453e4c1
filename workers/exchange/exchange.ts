import { join } from "node:path";
import { DiskWatch } from "../../db/data-dir/disk-watch.ts";
import { JsonLogger } from "../../db/machine/json-logger.ts";
import { type ListenPlace, listening } from "../../db/machine/listen-failure.ts";
import { LogFile } from "../../db/machine/log-file.ts";
import { systemRandom } from "../../db/machine/system-random.ts";
import { systemClock, systemScheduler } from "../../db/machine/system-time.ts";
import { WebSecretBox } from "../../edge/auth/web-secret-box.ts";
import { BunPasswords } from "../../edge/entry/bun-passwords.ts";
import { edgeSettings } from "../../edge/entry/edge-settings.ts";
import { NodeSignatures } from "../../edge/entry/node-signatures.ts";
import { pageAssets } from "../../edge/entry/page-assets.ts";
import { clientAddress } from "../../edge/http/client-address.ts";
import { limitKey } from "../../edge/limits/address.ts";
import { accountSettings } from "../accounts/settings.ts";
import { DEFAULT_STREAMS_SETTINGS } from "../streams/settings.ts";
import { StreamsWorker } from "../streams/worker.ts";
import { ExchangeCore, type Machine, type Stores } from "./core.ts";
import { type EmbeddedStores, openEmbeddedStores } from "./embedded-stores.ts";
import { ensureMarkets } from "./first-start.ts";
import { checkPlaces } from "./free-ports.ts";
import { serveHttp } from "./http-server.ts";
import { neededOffsets } from "./log-readers.ts";
import { LogRetention } from "./log-retention.ts";
import { OperatorListener, operatorPlace } from "./operator/listener.ts";
import type { OperatorServices } from "./operator/services.ts";
import type { ExchangeSettings } from "./settings.ts";
import { venueKey } from "./venue-key.ts";

/** Longest wait for HTTP requests under way when stopping. */
const HTTP_GRACE_MS = 500;
/** One process, one thread: more shards would not be faster. */
const ACCOUNT_SHARDS = 1;

/** The exchange in one process, running. */
export interface Exchange {
	/** Of REST and WebSocket. */
	readonly url: string;
	readonly markets: readonly string[];
	readonly operator: OperatorServices;
	/** Drains and closes everything. */
	stop(): Promise<void>;
}

/**
 * Starts the exchange on a data folder whose lock the caller holds.
 *
 * @throws CannotStart for a port that is taken, SettingsError for a foreign address, before anything is started
 * @param say told what is being done, for whoever watches
 * @param onFatal an invariant does not hold, or this process is no longer the owner: it must end
 * @param interrupt breaks the start off; it rejects when everything that it had opened is closed
 */
export async function startExchange(
	settings: ExchangeSettings,
	say: (what: string) => void,
	onFatal: (error: unknown) => void,
	interrupt: AbortSignal = new AbortController().signal,
): Promise<Exchange> {
	const dataDir = settings.DATA_DIR;
	await checkPlaces([placeOf(settings), operatorPlace(settings.OPERATOR_PORT)]);
	const logFile = new LogFile(join(dataDir, "exchange.log"));
	const logger = new JsonLogger(
		settings.LOG_LEVEL,
		(text) => logFile.writeSoon(text),
		() => logFile.finish(),
	);
	const fatal = (error: unknown): void => {
		// What is taken from under a start fails in every way.
		if (interrupt.aborted) return;
		logger.error("fatal", { error: error instanceof Error ? error.message : String(error) });
		logger.flush();
		onFatal(error);
	};
	const machine = machineOf(dataDir, logger);
	say("PostgreSQL, for balances and users");
	const embedded = await openEmbeddedStores({
		...{ dataDir, partitions: settings.PARTITIONS, ...machine, logger },
		segmentBytes: settings.LOG_FILE_MIB << 20,
	});
	say(`PostgreSQL ${embedded.postgres}; replaying the log`);
	try {
		const starting = startOn(embedded, settings, machine, say, fatal, interrupt);
		return await Promise.race([starting, interrupted(interrupt)]);
	} catch (error) {
		await embedded.close();
		throw error;
	}
}

/** Rejects when it is. */
function interrupted(interrupt: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		const end = (): void => reject(interrupt.reason);
		if (interrupt.aborted) end();
		else interrupt.addEventListener("abort", end);
	});
}

async function startOn(
	embedded: EmbeddedStores,
	settings: ExchangeSettings,
	machine: Machine & { readonly logger: JsonLogger },
	say: (what: string) => void,
	fatal: (error: unknown) => void,
	interrupt: AbortSignal,
): Promise<Exchange> {
	const { DATA_DIR: folder, DISK_FULL_PERCENT: fullPercent } = settings;
	const disk = new DiskWatch({ ...machine, folder, fullPercent, say });
	const edge = edgeSettings(settings);
	const coreSettings = {
		book: "fast",
		edge,
		accounts: accountSettings(settings, ACCOUNT_SHARDS),
		exclusive: true,
		hasRoom: () => disk.hasRoom(),
		canWriteLog: () => embedded.log.isWritable(),
	} as const;
	const core = new ExchangeCore(embedded.stores, machine, coreSettings, fatal);
	const streams = streamsOf(core, embedded.stores, machine, settings);
	const heard = streams.hear(settings.PARTITIONS);
	await core.start();
	const markets = await ensureMarkets(core.venue, settings.PARTITIONS);
	await heard;
	interrupt.throwIfAborted();
	say(`markets: ${markets.join(", ")}`);
	core.addMetrics(() => streams.metrics());
	core.addMetrics(() => disk.metrics());
	const place = placeOf(settings);
	const { maxBodyBytes } = edge;
	const http = listening(place, () => serveHttp(core.edge, streams, { ...place, maxBodyBytes }));
	const { stores, log } = embedded;
	const readers = { ...stores, logger: machine.logger, accountShards: ACCOUNT_SHARDS };
	const retention = new LogRetention({
		...{ ...machine, log, archive: stores.archive, keepDays: settings.LOG_KEEP_DAYS },
		needed: () => neededOffsets(readers),
		onFatal: fatal,
	});
	retention.start();
	const listener = new OperatorListener(core.operator, settings.DATA_DIR, settings.OPERATOR_PORT);
	return {
		url: http.url,
		markets,
		operator: core.operator,
		async stop() {
			retention.stop();
			await listener.stop();
			await streams.stop();
			const drained = core.stop();
			await http.stop(HTTP_GRACE_MS);
			await drained;
			disk.stop();
			await embedded.close();
			machine.logger.info("stopped");
			machine.logger.flush();
		},
	};
}

/** Of REST and WebSocket. */
function placeOf({ HOST, PORT }: ExchangeSettings): ListenPlace {
	return { prefix: "", hostname: HOST, port: PORT };
}

function machineOf(dataDir: string, logger: JsonLogger) {
	return {
		clock: systemClock,
		scheduler: systemScheduler,
		random: systemRandom,
		signatures: new NodeSignatures(),
		passwords: new BunPasswords(),
		secretBox: new WebSecretBox(venueKey(dataDir, systemRandom)),
		logger,
		asset: pageAssets(),
	};
}

function streamsOf(
	core: ExchangeCore,
	stores: Pick<Stores, "pubsub" | "listenKeys">,
	machine: Machine,
	settings: ExchangeSettings,
): StreamsWorker {
	return new StreamsWorker({
		...{ pubsub: stores.pubsub, listenKeys: stores.listenKeys, ...machine },
		venue: core.marketData.marketData.venue,
		accounts: (userId) => core.accountsOf(userId),
		clientKey: (headers, peer) =>
			limitKey(clientAddress(headers, peer, settings.TRUST_FORWARDED_FOR)),
		settings: {
			...DEFAULT_STREAMS_SETTINGS,
			connectionsPer5Minutes: settings.CONNECTIONS_PER_5_MINUTES,
		},
	});
}
