/**
 * What is used of kafkajs 2.2.4 below its documented surface, which has no way to read a partition
 * without a consumer group (docs/adr/0007). The version is pinned, and no other has come since.
 */
declare module "kafkajs/src/cluster/index.js" {
	import type { ISocketFactory, KafkaConfig, Logger } from "kafkajs";

	interface Broker {
		readonly connectionPool: {
			send<T>(call: { request: object; response: object; requestTimeout?: number }): Promise<T>;
		};
		listOffsets(request: object): Promise<{
			readonly responses: readonly {
				readonly partitions: readonly { readonly offset: string }[];
			}[];
		}>;
	}

	export default class Cluster {
		constructor(
			options: Omit<KafkaConfig, "logLevel" | "logCreator"> & {
				logger: Logger;
				socketFactory: ISocketFactory;
				metadataMaxAge: number;
				allowAutoTopicCreation: boolean;
				isolationLevel: number;
			},
		);
		connect(): Promise<void>;
		disconnect(): Promise<void>;
		refreshMetadata(): Promise<void>;
		addTargetTopic(topic: string): Promise<void>;
		findLeaderForPartitions(
			topic: string,
			partitions: readonly number[],
		): Record<string, readonly number[]>;
		findBroker(options: { nodeId: string }): Promise<Broker>;
		getNodeIds(): string[];
	}
}

declare module "kafkajs/src/network/socketFactory.js" {
	import type { ISocketFactory } from "kafkajs";
	export default function socketFactory(): ISocketFactory;
}

declare module "kafkajs/src/protocol/encoder.js" {
	export default class Encoder {
		writeInt8(value: number): this;
		writeInt16(value: number): this;
		writeInt32(value: number): this;
		writeInt64(value: number): this;
		writeString(value: string | null): this;
		/** Its length before it. */
		writeBytes(value: Buffer): this;
		writeUVarInt(value: number): this;
		writeUVarIntString(value: string): this;
		writeBuffer(value: Buffer): this;
		writeBoolean(value: boolean): this;
	}
}

declare module "kafkajs/src/protocol/decoder.js" {
	export default class Decoder {
		constructor(buffer: Buffer);
		readInt16(): number;
		readInt32(): number;
		readBoolean(): boolean;
		readString(): string | null;
		readBytes(length: number): Buffer;
		readUVarIntString(): string | null;
		readUVarIntArray<T>(read: (decoder: Decoder) => T): T[];
		readTaggedFields(): unknown;
	}
}

declare module "kafkajs/src/protocol/error.js" {
	/** Its `type` is Kafka's name of it. */
	export function createErrorFromCode(code: number): Error;
}
