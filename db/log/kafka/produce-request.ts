import type { Broker } from "kafkajs/src/cluster/index.js";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { createErrorFromCode } from "kafkajs/src/protocol/error.js";
import { int64 } from "./record-batch.ts";

/** The Produce request in the last version that kafkajs knows. */
const PRODUCE = { apiKey: 0, apiVersion: 7, apiName: "Produce" };
/** Of all replicas in sync. */
const ACKNOWLEDGED_BY_ALL = -1;
/** How long a leader waits for its followers, ms. */
const ACK_TIMEOUT_MS = 5_000;

/**
 * Appends one batch to each of these partitions, whose leader is asked.
 *
 * @param batches encoded, by partition
 * @returns the first offset of each
 * @throws an error whose `type` is Kafka's name of it; others of them may have been written
 */
export function produceBatches(
	leader: Broker,
	topic: string,
	batches: ReadonlyMap<number, Buffer>,
): Promise<ReadonlyMap<number, number>> {
	return leader.connectionPool.send({
		request: {
			...PRODUCE,
			expectResponse: () => true,
			encode: async () => encoded(topic, batches),
		},
		response: {
			decode: async (answer: Buffer) => decoded(answer),
			parse: async ({ offsets }: ReturnType<typeof decoded>) => offsets,
		},
	});
}

function encoded(topic: string, batches: ReadonlyMap<number, Buffer>): Encoder {
	const [noTransaction, oneTopic] = [null, 1];
	const encoder = new Encoder()
		.writeString(noTransaction)
		.writeInt16(ACKNOWLEDGED_BY_ALL)
		.writeInt32(ACK_TIMEOUT_MS)
		.writeInt32(oneTopic)
		.writeString(topic)
		.writeInt32(batches.size);
	for (const [partition, batch] of batches) encoder.writeInt32(partition).writeBytes(batch);
	return encoder;
}

function decoded(answer: Buffer): {
	readonly clientSideThrottleTime: number;
	readonly offsets: ReadonlyMap<number, number>;
} {
	const decoder = new Decoder(answer);
	const offsets = new Map<number, number>();
	for (let topics = decoder.readInt32(); topics > 0; topics -= 1) {
		decoder.readString();
		for (let partitions = decoder.readInt32(); partitions > 0; partitions -= 1) {
			const partition = decoder.readInt32();
			const errorCode = decoder.readInt16();
			if (errorCode !== 0) throw createErrorFromCode(errorCode);
			offsets.set(partition, int64(decoder.readBytes(8), 0));
			// When the log took it, and where the log begins.
			decoder.readBytes(16);
		}
	}
	return { clientSideThrottleTime: decoder.readInt32(), offsets };
}
