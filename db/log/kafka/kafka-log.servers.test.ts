import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ConfigResourceTypes, Kafka } from "kafkajs";
import { startKafka } from "../../../infra/local/kafka.ts";
import type { LocalServer } from "../../../infra/local/local-server.ts";
import type { OrdersRecord } from "../../../schemas/command.ts";
import { InvariantViolation } from "../../../schemas/invariant.ts";
import { LogUnavailable } from "../../../schemas/ports/log.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { ordersCodec } from "../../../schemas/record-codec.ts";
import { LOCAL_REPLICAS, topicDefinitions } from "../../../schemas/stores.ts";
import { silentLogger } from "../../ledger/contract/silent-logger.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { turnScheduler } from "../../testing/turn-scheduler.ts";
import { type LogUnderTest, logContract, numbered, numberedFrom } from "../log-contract.ts";
import { LogTrimmed } from "../log-trimmed.ts";
import { createTopics } from "./create-topics.ts";
import { KafkaLog } from "./kafka-log.ts";
import { type KafkaSettings, kafkaConfig } from "./kafka-settings.ts";
import { deleteTopics } from "./testing/delete-topics.ts";
import { TopicReplaced } from "./topic-reader.ts";

const folder = temporaryFolder();
const definition = topicDefinitions({ partitions: 2, ...LOCAL_REPLICAS })[0]!;
let kafka: LocalServer;
let settings: KafkaSettings;
let topics = 0;

beforeAll(async () => {
	kafka = await startKafka({ folder: join(folder, "kafka"), say: (line) => console.error(line) });
	const brokers = [`127.0.0.1:${kafka.port}`];
	settings = { brokers, tls: false, sasl: null, clientId: "test" };
});

afterAll(() => kafka.stop());

async function newTopic(): Promise<string> {
	topics += 1;
	const name = `orders-${topics}`;
	await createTopics(settings, [{ ...definition, name }]);
	return name;
}

function open(
	topic: string,
	fatal: (error: unknown) => void = (error) => {
		throw error;
	},
	logger: Logger = silentLogger,
): Promise<KafkaLog<OrdersRecord>> {
	return KafkaLog.open({
		...{ settings, topic, partitions: 2, codec: ordersCodec },
		...{ scheduler: turnScheduler, logger, fatal },
	});
}

async function admin<T>(act: (client: ReturnType<Kafka["admin"]>) => Promise<T>): Promise<T> {
	const client = new Kafka(kafkaConfig(settings)).admin();
	await client.connect();
	return act(client).finally(() => client.disconnect());
}

async function underTest(): Promise<LogUnderTest> {
	const topic = await newTopic();
	const log = await open(topic);
	const others: KafkaLog<OrdersRecord>[] = [];
	return {
		log,
		async reopen() {
			const other = await open(topic);
			others.push(other);
			return other;
		},
		async close() {
			await Promise.all([log, ...others].map((each) => each.close()));
		},
	};
}

logContract("Kafka", underTest, "elsewhere");

test("what was appended before a close is sent first", async () => {
	const topic = await newTopic();
	const log = await open(topic);
	const appends = [0, 1, 2].map((i) => log.append(0, numberedFrom(i * 4_000, 4_000)));
	await log.close();
	expect(await Promise.all(appends)).toEqual([0, 4_000, 8_000]);
	const other = await open(topic);
	expect(await other.end(0)).toBe(12_000);
	await other.close();
});

/** Resolves with what `fatal` is told. */
function fatality(): { fatal: (error: unknown) => void; told: Promise<unknown> } {
	let fatal: (error: unknown) => void = () => {};
	const told = new Promise((resolve) => {
		fatal = resolve;
	});
	return { fatal, told };
}

describe("a log on Kafka", () => {
	test("a topic that is missing, or of another size, is refused", async () => {
		await expect(open("no-such-topic")).rejects.toThrow("Kafka has no topic no-such-topic");
		const name = await newTopic();
		const three = { ...definition, name, partitions: 3 };
		await expect(createTopics(settings, [three])).rejects.toThrow("has 2 partitions, not 3");
		const options = { settings, topic: name, partitions: 3, codec: ordersCodec };
		const rest = { scheduler: turnScheduler, logger: silentLogger, fatal: () => {} };
		await expect(KafkaLog.open({ ...options, ...rest })).rejects.toThrow("2 partitions, not 3");
	});

	test("a record of a newer version stops whoever reads or follows it, by name", async () => {
		const topic = await newTopic();
		const newer = await KafkaLog.open({
			...{ settings, topic, partitions: 2, scheduler: turnScheduler, logger: silentLogger },
			...{ codec: { ...ordersCodec, encode: () => "[2,1]" }, fatal: () => {} },
		});
		expect(await newer.append(1, [numbered(0)])).toBe(0);
		const { fatal, told } = fatality();
		const log = await open(topic, fatal);
		log.follow(1, 0, () => {});
		const said = [await told, await log.read(1, 0, 1).catch((error: unknown) => error)];
		for (const error of said as Error[]) {
			expect(error).toBeInstanceOf(InvariantViolation);
			expect(error.message).toStartWith(`${topic}/1 has at offset 0 what this version cannot read`);
		}
		await Promise.all([newer.close(), log.close()]);
	});

	test("appends that are sent together each get their offset, also beyond a request's size", async () => {
		const log = await open(await newTopic());
		const sizes = [1, 2, 3, 30_000, 1_500, 1_500, 4];
		const firsts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
		const appended = sizes.map((size, i) => log.append(0, numberedFrom(firsts[i] as number, size)));
		expect(await Promise.all(appended)).toEqual(firsts);
		const total = 33_010;
		expect(await log.end(0)).toBe(total);
		const all = await log.read(0, 0, total);
		expect(all.every(({ offset, record }, i) => offset === i && record.epoch === i)).toBe(true);
		expect(all.length).toBe(total);
		await log.close();
	});

	test("that brokers refuse what is appended is said once, why, and when they take it again", async () => {
		const topic = await newTopic();
		const told: unknown[] = [];
		const log = await open(topic, undefined, {
			info: (message, fields) => told.push([message, fields]),
			warn: (message, fields) => told.push([message, fields]),
			error: () => {},
		});
		const limit = (bytes: number) =>
			admin((client) =>
				client.alterConfigs({
					validateOnly: false,
					resources: [
						{
							type: ConfigResourceTypes.TOPIC,
							name: topic,
							configEntries: [{ name: "max.message.bytes", value: `${bytes}` }],
						},
					],
				}),
			);
		await limit(100);
		for (let n = 0; n < 3; n += 1) {
			await expect(log.append(0, numberedFrom(0, 1_000))).rejects.toBeInstanceOf(LogUnavailable);
		}
		expect(await log.end(0)).toBe(0);
		const reason = expect.stringContaining("larger than the max");
		expect(told).toEqual([["the log takes no appends", { topic, reason }]]);
		await limit(8 << 20);
		expect(await log.append(0, numberedFrom(0, 1_000))).toBe(0);
		expect(told.slice(1)).toEqual([["the log takes appends again", { topic }]]);
		await log.close();
	});

	test("a topic made again under its name is another log: who follows the old one stops", async () => {
		const topic = await newTopic();
		const { fatal, told } = fatality();
		const log = await open(topic, fatal);
		await log.append(0, numberedFrom(0, 3));
		log.follow(0, 0, () => {});
		await deleteTopics(settings, [topic]);
		await createTopics(settings, [{ ...definition, name: topic }]);
		expect(await told).toBeInstanceOf(TopicReplaced);
		await log.close();
		const again = await open(topic);
		expect(again.logId).not.toBe(log.logId);
		await again.close();
	});

	test("what retention removed is said to be gone, by reads and to followers", async () => {
		const topic = await newTopic();
		const { fatal, told } = fatality();
		const log = await open(topic, fatal);
		await log.append(0, numberedFrom(0, 5));
		await admin(async (client) => {
			// kafkajs asks for the leader only when it must.
			await client.fetchTopicOffsets(topic);
			await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "3" }] });
		});
		expect((await log.read(0, 3, 9)).map((e) => e.offset)).toEqual([3, 4]);
		await expect(log.read(0, 2, 9)).rejects.toBeInstanceOf(LogTrimmed);
		log.follow(0, 0, () => {});
		expect(await told).toBeInstanceOf(LogTrimmed);
		await log.close();
	});

	test("a hole in the offsets is an invariant violation", async () => {
		const topic = await newTopic();
		const { fatal, told } = fatality();
		const log = await open(topic, fatal);
		const client = new Kafka({ ...kafkaConfig(settings), retry: { retries: 9 } });
		const producer = client.producer({ transactionalId: "intruder" });
		await producer.connect();
		const transaction = await producer.transaction();
		const value = ordersCodec.encode(numbered(0));
		await transaction.send({ topic, messages: [{ value, partition: 0 }] });
		await transaction.commit();
		await producer.disconnect();
		// The mark of its end takes an offset, before long.
		while ((await log.end(0)) < 2);
		await expect(log.read(0, 0, 9)).rejects.toBeInstanceOf(InvariantViolation);
		log.follow(0, 0, () => {});
		expect(await told).toBeInstanceOf(InvariantViolation);
		await log.close();
	});

	test("what a follower throws reaches whoever stops the process, and it hears no more", async () => {
		const { fatal, told } = fatality();
		const log = await open(await newTopic(), fatal);
		const broken = new Error("broken");
		log.follow(0, 0, () => {
			throw broken;
		});
		await log.append(0, [numbered(0)]);
		expect(await told).toBe(broken);
		await log.close();
	});

	test("a broker that is killed is waited for; nothing acknowledged is lost or repeated", async () => {
		const told: string[] = [];
		const tell = (message: string): void => void told.push(message);
		const logger = { info: tell, warn: tell, error: tell };
		const log = await open(await newTopic(), undefined, logger);
		const seen: number[] = [];
		let heard = () => {};
		log.follow(0, 0, (entries) => {
			seen.push(...entries.map((e) => e.record.epoch));
			heard();
		});
		await log.append(0, numberedFrom(0, 3));
		process.kill(kafka.pid, "SIGKILL");
		await kafka.stop();
		await expect(log.append(0, [numbered(3)])).rejects.toBeInstanceOf(LogUnavailable);
		await expect(log.read(0, 0, 1)).rejects.toBeInstanceOf(LogUnavailable);
		await expect(log.end(0)).rejects.toBeInstanceOf(LogUnavailable);
		kafka = await startKafka({ folder: join(folder, "kafka"), port: kafka.port });
		let offset = -1;
		while (offset < 0) offset = await log.append(0, [numbered(3)]).catch(() => -1);
		expect(offset).toBe(3);
		while (seen.length < 4) await new Promise<void>((resolve) => (heard = resolve));
		expect(seen).toEqual([0, 1, 2, 3]);
		for (const of of ["the log is away", "the log is back"]) expect(told).toContain(of);
		await log.close();
	});
});
