/** Matching as a process of its own: one worker for each partition whose lease it holds. */
import { S3Archive } from "../../db/archive/s3-archive.ts";
import { runProcess } from "../../db/machine/process-frame.ts";
import { S3_SETTINGS, s3Of } from "../../db/stores/server-settings.ts";
import { LOG_SETTINGS, openOrders, openTrades } from "../shared/process/cluster-log.ts";
import {
	LEASE_SETTINGS,
	openTurns,
	ownedPartitions,
	PARTITION_SETTINGS,
} from "../shared/process/cluster-turns.ts";
import { MatchingWorker } from "./worker.ts";

await runProcess({
	name: "matching",
	says: "takes commands from `orders`, matches them, appends what happened to `trades`",
	settings: { ...PARTITION_SETTINGS, ...LOG_SETTINGS, ...LEASE_SETTINGS, ...S3_SETTINGS },
	async start(settings, frame) {
		const partitions = ownedPartitions(settings);
		const orders = await openOrders(settings, frame);
		const trades = await openTrades(settings, frame);
		const archive = new S3Archive(s3Of(settings));
		frame.onDrain(() => archive.close());
		const turns = openTurns(settings, frame);
		const { clock, scheduler, logger } = frame;
		const { onFatal } = turns;
		for (const partition of partitions) {
			turns.add(
				`matching-${partition}`,
				() =>
					new MatchingWorker({
						...{ partition, orders, trades, archive, clock, scheduler, logger, onFatal },
						book: "fast",
					}),
			);
		}
		turns.start();
	},
});
