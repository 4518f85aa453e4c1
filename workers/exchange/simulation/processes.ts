import { MemoryAuditLog } from "../../../db/ledger/memory-audit-log.ts";
import { MemoryUsers } from "../../../db/ledger/memory-users.ts";
import { createEdge, type Edge } from "../../../edge/app.ts";
import { operations } from "../../../edge/operations.ts";
import type { EdgeServices } from "../../../edge/services.ts";
import { DEFAULT_EDGE_SETTINGS } from "../../../edge/settings.ts";
import type { BookKind } from "../../../engine/book.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { MarketData } from "../../../schemas/ports/market-data.ts";
import { type AccountSettings, defaultAccountSettings } from "../../accounts/settings.ts";
import { AccountWorker } from "../../accounts/worker.ts";
import { MarketDataWorker } from "../../market-data/market-data-worker.ts";
import { MatchingWorker } from "../../matching/worker.ts";
import { OrderLogWorker } from "../../order-log/worker.ts";
import { DEFAULT_STREAMS_SETTINGS, type StreamsSettings } from "../../streams/settings.ts";
import { StreamsWorker } from "../../streams/worker.ts";
import { VenueWorker } from "../../venue/worker.ts";
import type { ProcessLife } from "./process-life.ts";
import { CLIENT_ID_KEEP_MS } from "./referee/referee.ts";
import { boundsOf, type ShortQueue } from "./short-queue.ts";
import {
	simulatedPasswords,
	simulatedSecretBox,
	simulatedSignature,
	simulatedSignatures,
} from "./simulated-crypto.ts";
import { ACCOUNT_SHARDS, PARTITIONS } from "./size.ts";
import { StreamsFront } from "./streams/front.ts";
import type { World } from "./world.ts";

const UNLIMITED = 1_000_000_000;

/** How the processes of a seed are set. */
export interface Settings {
	readonly book: BookKind;
	readonly short: ShortQueue;
	readonly accounts: AccountSettings;
	readonly engineWaitMs: number;
	readonly snapshotEveryMs: number;
	readonly eventsPerRecord: number;
	readonly streams: StreamsSettings;
}

/** Short times, so that what is forgotten is forgotten within a run. */
export function settingsOf(
	random: { pick<T>(list: readonly T[]): T },
	short: ShortQueue,
): Settings {
	return {
		short,
		book: random.pick(["fast", "fast", "naive"]),
		engineWaitMs: 3_000,
		snapshotEveryMs: random.pick([400, 400, 5_000, 10_000]),
		eventsPerRecord: random.pick([1_000, 5, 2]),
		streams: {
			...DEFAULT_STREAMS_SETTINGS,
			connectionsPer5Minutes: UNLIMITED,
			backpressureLimitBytes: 8_000,
			pingEveryMs: 2_000,
			pongWithinMs: 6_000,
			userCheckEveryMs: 1_000,
		},
		accounts: {
			...defaultAccountSettings,
			accountShards: ACCOUNT_SHARDS,
			orderLimits: [{ intervalMs: 10_000, limit: UNLIMITED }],
			clientOrderIdKeepMs: CLIENT_ID_KEEP_MS,
			keepFinishedMs: random.pick([0, 1_000, 60_000]),
			gatherMs: random.pick([0, 4]),
			commitEveryMs: random.pick([20, 50, 200]),
			...boundsOf(short),
		},
	};
}

/** One worker (or the edge) in a process of its own. */
export interface Process {
	readonly role: string;
	readonly life: ProcessLife;
	/** Resolves when it does its work; rejects when it cannot start. */
	start(): Promise<unknown>;
	/** It has started. */
	ready: boolean;
	readonly matching?: MatchingWorker;
	readonly accounts?: AccountWorker;
	readonly venue?: VenueWorker;
	readonly marketData?: MarketDataWorker;
	readonly edge?: Edge;
	readonly services?: EdgeServices;
	readonly front?: StreamsFront;
}

/** How processes reach each other. */
export interface Links {
	accounts(near: ProcessLife, userId: number): AccountService;
	marketData(near: ProcessLife): MarketData;
}

export const ROLES: readonly string[] = [
	...Array.from({ length: PARTITIONS }, (_, p) => `matching ${p}`),
	"venue",
	"market-data",
	"order-log",
	...Array.from({ length: ACCOUNT_SHARDS }, (_, i) => `accounts ${i + 1}`),
	"edge",
	"streams",
];

/** Makes the process of a role; it does nothing before `start`. */
export function processOf(
	role: string,
	life: ProcessLife,
	world: World,
	settings: Settings,
	links: Links,
): Process {
	const { clock, scheduler } = life;
	const common = {
		orders: life.log(world.readable(world.orders)),
		trades: life.log(world.readable(world.trades)),
		...{ clock, scheduler, random: world.random },
		ledger: life.port("ledger", "ledger", world.ledger),
		archive: life.port("store", "archive", world.archive),
		pubsub: world.bus.of(life),
		logger: loggerOf(world, role),
		onFatal: (error: unknown) => world.crashed(life, error),
	};
	const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
	const { book, snapshotEveryMs, eventsPerRecord } = settings;
	const [kind, number] = role.split(" ");
	switch (kind) {
		case "matching": {
			const partition = Number(number);
			const matching = new MatchingWorker({
				...{ ...common, partition, book },
				...{ snapshotEveryMs, eventsPerRecord, newestVersion: world.engineVersion },
			});
			return { role, life, ready: false, matching, start: () => matching.start() };
		}
		case "venue": {
			const venue = new VenueWorker(common);
			return { role, life, ready: false, venue, start: () => venue.start() };
		}
		case "market-data": {
			const history = life.port("store", "history", world.history);
			const marketData = new MarketDataWorker({
				...common,
				log: common.trades,
				partitions,
				history,
				snapshotEveryMs,
			});
			return { role, life, ready: false, marketData, start: () => marketData.start() };
		}
		case "order-log": {
			const orderLog = life.port("store", "order log", world.orderLog);
			const venue = world.referee.venue;
			const worker = new OrderLogWorker({ ...common, partitions, orderLog, venue });
			return { role, life, ready: false, start: () => worker.start() };
		}
		case "accounts": {
			const accounts = new AccountWorker({
				...common,
				shard: Number(number),
				settings: settings.accounts,
				exclusive: false,
			});
			return { role, life, ready: false, accounts, start: () => accounts.start() };
		}
		case "streams":
			return streamsProcess(life, world, settings, links, common.logger);
		default:
			return edgeProcess(life, world, settings, links, common.logger);
	}
}

function streamsProcess(
	life: ProcessLife,
	world: World,
	settings: Settings,
	links: Links,
	logger: Logger,
): Process {
	const { clock, scheduler } = life;
	const worker = new StreamsWorker({
		pubsub: world.bus.of(life),
		venue: world.referee.venue,
		listenKeys: life.port("store", "listen keys", world.listenKeys),
		accounts: (userId) => links.accounts(life, userId),
		clientKey: (_headers, peer) => peer,
		...{ clock, scheduler, random: world.random, logger, settings: settings.streams },
	});
	const front = new StreamsFront(life, worker, world.time, () => world.delayMs());
	const start = (): Promise<void> => Promise.resolve(worker.start(front));
	return { role: "streams", life, ready: false, front, start };
}

function edgeProcess(
	life: ProcessLife,
	world: World,
	settings: Settings,
	links: Links,
	logger: Logger,
): Process {
	const { clock, scheduler } = life;
	const services: EdgeServices = {
		settings: {
			...DEFAULT_EDGE_SETTINGS,
			requestWeightPerMinute: UNLIMITED,
			rawRequestsPer5Minutes: UNLIMITED,
			engineWaitMs: settings.engineWaitMs,
			logOneIn: UNLIMITED,
		},
		accounts: (userId) => links.accounts(life, userId),
		marketData: links.marketData(life),
		orderLog: life.port("store", "order log", world.orderLog),
		users: new MemoryUsers(world.database, scheduler),
		audit: new MemoryAuditLog(world.database, scheduler, (text) => simulatedSignature("", text)),
		keyValue: world.keyValue,
		listenKeys: world.listenKeys,
		pubsub: world.bus.of(life),
		signatures: simulatedSignatures,
		passwords: simulatedPasswords,
		secretBox: simulatedSecretBox,
		...{ clock, scheduler, random: world.random, logger },
		fatal: (error) => world.crashed(life, error),
		ready: () => true,
		metrics: () => "",
		asset: async () => null,
	};
	const edge = createEdge(services, operations);
	return { role: "edge", life, ready: false, edge, services, start: () => Promise.resolve() };
}

/** Errors that a worker logs count, but for those that are judged where they are thrown. */
function loggerOf(world: World, role: string): Logger {
	const judged = [
		"account worker stops",
		"no snapshot could be written",
		"the engine broke: its state is read anew",
		"the engine cannot take a command: it is refused, its symbol halts",
	];
	return {
		info: () => {},
		warn: () => {},
		error: (message, fields) => {
			if (judged.includes(message)) return;
			world.fault(`${role} logged: ${message} ${JSON.stringify(fields)}`);
		},
	};
}
