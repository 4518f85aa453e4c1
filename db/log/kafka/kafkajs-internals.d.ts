/**
 * What is used of kafkajs 2.2.4 below its documented surface, which has no way to read a partition
 * without a consumer group (docs/adr/0007). The version is pinned, and no other has come since.
 */
declare module "kafkajs/src/cluster/index.js" {
	import type { ISocketFactory, KafkaConfig, Logger } from "kafkajs";

	interface FetchedMessage {
		readonly offset: string;
		readonly value: Buffer | null;
		readonly isControlRecord?: boolean;
	}

	interface Broker {
		readonly connectionPool: {
			send<T>(call: { request: object; response: object }): Promise<T>;
		};
		/** @throws an error whose `type` is Kafka's name of it, such as OFFSET_OUT_OF_RANGE */
		fetch(request: object): Promise<{
			readonly responses: readonly {
				readonly partitions: readonly {
					readonly highWatermark: string;
					readonly messages: readonly FetchedMessage[];
				}[];
			}[];
		}>;
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

declare module "kafkajs/src/network/requestQueue/index.js" {
	/** The requests of one connection: some under way, others waiting for their turn. */
	export default class RequestQueue {
		readonly pending: readonly unknown[];
		readonly throttleCheckTimeoutId: ReturnType<typeof setTimeout> | null;
		constructor(options: object);
		scheduleCheckPendingRequests(): void;
		destroy(): void;
	}
}

declare module "kafkajs/src/network/socketFactory.js" {
	import type { ISocketFactory } from "kafkajs";
	export default function socketFactory(): ISocketFactory;
}

declare module "kafkajs/src/protocol/encoder.js" {
	export default class Encoder {
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
		readBytes(length: number): Buffer;
		readUVarIntString(): string | null;
		readUVarIntArray<T>(read: (decoder: Decoder) => T): T[];
		readTaggedFields(): unknown;
	}
}
