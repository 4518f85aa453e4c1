/** The venue as a process of its own: the writer of shard 0, its first markets, the operator's listener. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { defaultDataDir } from "../../db/data-dir/default-data-dir.ts";
import { PostgresLedger } from "../../db/ledger/postgres-ledger.ts";
import { runProcess } from "../../db/machine/process-frame.ts";
import { postgresOf } from "../../db/stores/server-settings.ts";
import { BunPasswords } from "../../edge/entry/bun-passwords.ts";
import { serveLinks } from "../../edge/entry/bun-server.ts";
import { EDGE_SERVICE_SETTINGS, openEdgeServices } from "../../edge/entry/edge-program.ts";
import { NodeSignatures } from "../../edge/entry/node-signatures.ts";
import { VENUE_SHARD } from "../../schemas/command.ts";
import { tradesCodecOf } from "../../schemas/record-codec.ts";
import { setting, textValue } from "../../schemas/settings.ts";
import { OPERATOR_SETTINGS } from "../../schemas/venue-settings.ts";
import { ensureMarkets } from "../exchange/first-start.ts";
import { OperatorListener } from "../exchange/operator/listener.ts";
import { LOG_SETTINGS, openOrders, openTrades } from "../shared/process/cluster-log.ts";
import { LEASE_SETTINGS, openTurns } from "../shared/process/cluster-turns.ts";
import { VenueWorker } from "./worker.ts";

const checkout = resolve(import.meta.dir, "../..");

/** How long records may come together. Its own commands are few. */
const GATHER_MS = 10;
/** Of others' records it counts and compares the heads. */
const ownTrades = tradesCodecOf((shard) => shard === VENUE_SHARD);

await runProcess({
	name: "venue",
	says: "writes what is the venue's own into the log: assets, symbols, states, time; and the operator's listener",
	settings: {
		DATA_DIR: setting("folder where the operator's command line finds it", "", textValue),
		...OPERATOR_SETTINGS,
		...LOG_SETTINGS,
		...LEASE_SETTINGS,
		...EDGE_SERVICE_SETTINGS,
	},
	async start(settings, frame) {
		const { clock, scheduler, logger } = frame;
		const dataDir = resolve(settings.DATA_DIR || defaultDataDir(checkout));
		mkdirSync(dataDir, { recursive: true });
		const orders = await openOrders(settings, frame);
		const trades = await openTrades(settings, frame, GATHER_MS, ownTrades);
		const ledger = new PostgresLedger(postgresOf(settings));
		frame.onDrain(() => ledger.close());
		const { services, gateway } = await openEdgeServices(settings, frame, {
			signatures: new NodeSignatures(),
			passwords: new BunPasswords(),
			serveLinks,
		});
		const turns = openTurns(settings, frame);
		const { onFatal } = turns;
		const begin = () => {
			const venue = new VenueWorker({
				...{ orders, trades, ledger, clock, scheduler, logger, onFatal },
			});
			let listener: OperatorListener | null = null;
			return {
				async start() {
					await venue.start();
					const markets = await ensureMarkets(venue, settings.PARTITIONS);
					const operator = {
						...{ edge: services, venue, partitions: settings.PARTITIONS },
						shards: gateway.shardServices,
						caughtUp: () => gateway.caughtUp(venue.evSeqs()),
					};
					listener = new OperatorListener(operator, dataDir, settings.OPERATOR_PORT);
					logger.info("the venue is open", { markets: markets.join(",") });
				},
				async stop() {
					await listener?.stop();
					await venue.stop();
				},
				metrics: () => "",
			};
		};
		// Its epoch says whether it is the writer of shard 0.
		turns.add("venue", begin, { mayLose: true });
		turns.start();
	},
});
