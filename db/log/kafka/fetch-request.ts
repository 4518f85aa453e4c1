import type { Broker } from "kafkajs/src/cluster/index.js";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { createErrorFromCode } from "kafkajs/src/protocol/error.js";
import { decodedBatches, type FetchedRecord, int64 } from "./record-batch.ts";

/** A partition's records from an offset on, and where it ended then. */
export interface Fetched {
	readonly end: number;
	readonly records: readonly FetchedRecord[];
}

/** The Fetch request in the last version that kafkajs knows. */
const FETCH = { apiKey: 1, apiVersion: 11, apiName: "Fetch" };
const OFFSET_OUT_OF_RANGE = 1;
const [NO_REPLICA, NO_SESSION_EPOCH, UNKNOWN] = [-1, -1, -1];
const READ_UNCOMMITTED = 0;
const MIN_BYTES = 1;
/** How much one request brings, bytes; a single larger batch comes whole. */
const FETCH_BYTES = 1 << 20;
/** For the way there and back, on top of what the broker waits. */
const NETWORK_MS = 100;

/**
 * Reads one partition of the leader that is asked; at its end after waiting for records to come.
 *
 * @returns null when the partition has no such offset
 * @throws an error whose `type` is Kafka's name of it
 */
export function fetchRecords(
	leader: Broker,
	{ topic, partition, from, maxWaitMs }: FetchRange,
): Promise<Fetched | null> {
	return leader.connectionPool.send<Fetched | null>({
		request: { ...FETCH, encode: async () => encoded(topic, partition, from, maxWaitMs) },
		response: {
			decode: async (answer: Buffer) => decoded(answer),
			parse: async (answer: ReturnType<typeof decoded>) => checked(answer, from),
		},
		requestTimeout: maxWaitMs + NETWORK_MS,
	});
}

export interface FetchRange {
	readonly topic: string;
	readonly partition: number;
	readonly from: number;
	readonly maxWaitMs: number;
}

function encoded(topic: string, partition: number, from: number, maxWaitMs: number): Encoder {
	const one = 1;
	return new Encoder()
		.writeInt32(NO_REPLICA)
		.writeInt32(maxWaitMs)
		.writeInt32(MIN_BYTES)
		.writeInt32(FETCH_BYTES)
		.writeInt8(READ_UNCOMMITTED)
		.writeInt32(0)
		.writeInt32(NO_SESSION_EPOCH)
		.writeInt32(one)
		.writeString(topic)
		.writeInt32(one)
		.writeInt32(partition)
		.writeInt32(UNKNOWN)
		.writeInt64(from)
		.writeInt64(UNKNOWN)
		.writeInt32(FETCH_BYTES)
		.writeInt32(0)
		.writeString("");
}

interface Answer {
	readonly clientSideThrottleTime: number;
	readonly errorCode: number;
	readonly end: number;
	readonly batches: Buffer;
}

function decoded(answer: Buffer): Answer {
	const decoder = new Decoder(answer);
	const clientSideThrottleTime = decoder.readInt32();
	const errorCode = decoder.readInt16();
	decoder.readInt32();
	const hasPartition =
		decoder.readInt32() === 1 && decoder.readString() && decoder.readInt32() === 1;
	const none = Buffer.alloc(0);
	if (!hasPartition)
		return { clientSideThrottleTime, errorCode: errorCode || UNKNOWN, end: 0, batches: none };
	decoder.readInt32();
	const partitionError = decoder.readInt16();
	const end = int64(decoder.readBytes(8), 0);
	decoder.readBytes(16);
	for (let aborted = decoder.readInt32(); aborted > 0; aborted -= 1) decoder.readBytes(16);
	decoder.readInt32();
	const size = decoder.readInt32();
	return {
		...{ clientSideThrottleTime, errorCode: errorCode || partitionError, end },
		batches: size > 0 ? decoder.readBytes(size) : none,
	};
}

function checked({ errorCode, end, batches }: Answer, from: number): Fetched | null {
	if (errorCode === OFFSET_OUT_OF_RANGE) return null;
	if (errorCode !== 0) throw createErrorFromCode(errorCode);
	// A batch comes whole, also when it is asked for from its middle.
	const records = decodedBatches(batches).filter((record) => record.offset >= from);
	return { end, records };
}
