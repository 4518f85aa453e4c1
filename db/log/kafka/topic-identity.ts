import type { Broker } from "kafkajs/src/cluster/index.js";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";

/** A topic as the brokers know it. */
export interface TopicIdentity {
	/** Given at its creation, 32 hexadecimal digits: a topic made again under its name has another. */
	readonly id: string;
	readonly partitions: number;
}

/** The Metadata request in its first version of Kafka 3 that names topics by id; kafkajs ends before. */
const METADATA = { apiKey: 3, apiVersion: 12, apiName: "Metadata" };
const ID_BYTES = 16;

/** Asks a broker what topic has this name now; null when there is none. */
export function topicIdentity(broker: Broker, topic: string): Promise<TopicIdentity | null> {
	return broker.connectionPool.send<TopicIdentity | null>({
		request: { ...METADATA, encode: async () => encoded(topic) },
		response: {
			decode: async (answer: Buffer) => decoded(answer),
			parse: async (answer: ReturnType<typeof decoded>) => answer.topic,
		},
	});
}

function encoded(topic: string): Encoder {
	const [noTags, oneTopic] = [0, 2];
	return new Encoder()
		.writeUVarInt(noTags)
		.writeUVarInt(oneTopic)
		.writeBuffer(Buffer.alloc(ID_BYTES))
		.writeUVarIntString(topic)
		.writeUVarInt(noTags)
		.writeBoolean(false)
		.writeBoolean(false)
		.writeUVarInt(noTags);
}

function decoded(answer: Buffer): { clientSideThrottleTime: number; topic: TopicIdentity | null } {
	const decoder = new Decoder(answer);
	decoder.readTaggedFields();
	const clientSideThrottleTime = decoder.readInt32();
	decoder.readUVarIntArray(skipBroker);
	decoder.readUVarIntString();
	decoder.readInt32();
	const [topic] = decoder.readUVarIntArray(readTopic);
	return { clientSideThrottleTime, topic: topic ?? null };
}

function skipBroker(decoder: Decoder): void {
	decoder.readInt32();
	decoder.readUVarIntString();
	decoder.readInt32();
	decoder.readUVarIntString();
	decoder.readTaggedFields();
}

function readTopic(decoder: Decoder): TopicIdentity | null {
	const errorCode = decoder.readInt16();
	decoder.readUVarIntString();
	const id = decoder.readBytes(ID_BYTES).toString("hex");
	decoder.readBoolean();
	const partitions = decoder.readUVarIntArray(skipPartition).length;
	decoder.readInt32();
	decoder.readTaggedFields();
	return errorCode === 0 ? { id, partitions } : null;
}

function skipPartition(decoder: Decoder): void {
	decoder.readInt16();
	for (let field = 0; field < 3; field += 1) decoder.readInt32();
	for (let list = 0; list < 3; list += 1) decoder.readUVarIntArray((d) => d.readInt32());
	decoder.readTaggedFields();
}
