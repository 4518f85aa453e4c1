import { KafkaLog } from "../../../db/log/kafka/kafka-log.ts";
import type { FrameSettings, ProcessFrame } from "../../../db/machine/process-frame.ts";
import {
	KAFKA_SETTINGS,
	kafkaOf,
	namesOf,
	VENUE_SETTINGS,
} from "../../../db/stores/server-settings.ts";
import type { OrdersRecord } from "../../../schemas/command.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { type MarketDataMessage, marketData } from "../../../schemas/market.ts";
import type { Log } from "../../../schemas/ports/log.ts";
import { type Codec, ordersCodec, tradesCodec } from "../../../schemas/record-codec.ts";
import type { SettingsOf } from "../../../schemas/settings.ts";
import { TracedLog } from "./traced-log.ts";

/** Settings of every process that reads or writes the log. */
export const LOG_SETTINGS = { ...VENUE_SETTINGS, ...KAFKA_SETTINGS } as const;

type LogSettings = SettingsOf<typeof LOG_SETTINGS> & FrameSettings;

export function openOrders(settings: LogSettings, frame: ProcessFrame): Promise<Log<OrdersRecord>> {
	return openTraced(settings, frame, namesOf(settings).orders, ordersCodec);
}

/**
 * @param gatherMs for a reader that nobody waits for: how long it lets records come together, ms
 * @param codec for one that needs little of them
 */
export function openTrades(
	settings: LogSettings,
	frame: ProcessFrame,
	gatherMs = 0,
	codec = tradesCodec,
): Promise<Log<EventRecord>> {
	return openTraced(settings, frame, namesOf(settings).trades, codec, gatherMs);
}

export function openMarketData(
	settings: LogSettings,
	frame: ProcessFrame,
): Promise<Log<MarketDataMessage>> {
	return openTopic(settings, frame, namesOf(settings).marketData, marketData.codec);
}

/** A topic whose commands are traced. */
async function openTraced<R extends OrdersRecord | EventRecord>(
	settings: LogSettings,
	frame: ProcessFrame,
	topic: string,
	codec: Codec<R>,
	gatherMs = 0,
): Promise<Log<R>> {
	const log = await openTopic(settings, frame, topic, codec, gatherMs);
	return new TracedLog(log, frame.logger, settings.LOG_ONE_IN);
}

/** Waits until Kafka answers; measured, and closed by the frame. */
async function openTopic<R>(
	settings: LogSettings,
	frame: ProcessFrame,
	topic: string,
	codec: Codec<R>,
	gatherMs = 0,
): Promise<Log<R>> {
	const { scheduler, logger } = frame;
	const log = await frame.untilThere(topic, () =>
		KafkaLog.open<R>({
			...{ topic, codec, scheduler, logger, gatherMs },
			settings: kafkaOf(settings, frame.name),
			partitions: settings.PARTITIONS,
			fatal: (error) => frame.fatal(error),
		}),
	);
	frame.onDrain(() => log.close());
	frame.addMetrics(() => log.metrics());
	return log;
}
