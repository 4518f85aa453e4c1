import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { ConfigResourceTypes, Kafka } from "kafkajs";
import { startDynamoDb } from "../../infra/local/dynamodb-local.ts";
import { endsWithUs } from "../../infra/local/ends-with-us.ts";
import { startKafka } from "../../infra/local/kafka.ts";
import type { LocalServer } from "../../infra/local/local-server.ts";
import {
	LOCAL_S3_ACCESS_KEY,
	LOCAL_S3_REGION,
	LOCAL_S3_SECRET_KEY,
	startS3,
} from "../../infra/local/versitygw.ts";
import { PostgresLeases } from "../lease/postgres-leases.ts";
import { silentLogger } from "../ledger/contract/silent-logger.ts";
import {
	type EmbeddedPostgres,
	startEmbeddedPostgres,
} from "../ledger/embedded/embedded-postgres.ts";
import { kafkaConfig } from "../log/kafka/kafka-settings.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { storesSettings } from "./stores-settings.ts";

const folder = temporaryFolder();
let servers: LocalServer[] = [];
let postgres: EmbeddedPostgres;
let environment: Record<string, string> = {};

beforeAll(async () => {
	const say = (line: string) => console.error(line);
	servers = await Promise.all([
		startKafka({ folder: join(folder, "kafka"), say }),
		startDynamoDb({ folder: join(folder, "dynamodb"), say, durable: false }),
		startS3({ folder: join(folder, "s3"), say }),
	]);
	postgres = await startEmbeddedPostgres({
		...{ dataDir: join(folder, "data"), logger: silentLogger },
		launcher: endsWithUs("QUIT"),
	});
	const [kafka, dynamoDb, s3] = servers.map(({ port }) => `127.0.0.1:${port}`);
	environment = {
		KAFKA_BROKERS: kafka as string,
		...{ PARTITIONS: "2", REPLICAS: "1", AWS_REGION: LOCAL_S3_REGION },
		DYNAMODB_ENDPOINT: `http://${dynamoDb}`,
		S3_ENDPOINT: `http://${s3}`,
		AWS_ACCESS_KEY_ID: LOCAL_S3_ACCESS_KEY,
		AWS_SECRET_ACCESS_KEY: LOCAL_S3_SECRET_KEY,
		POSTGRES_HOST: postgres.settings.host,
		POSTGRES_PORT: `${postgres.settings.port}`,
		POSTGRES_USER: postgres.settings.user,
		POSTGRES_PASSWORD: `${postgres.settings.password}`,
	};
});

afterAll(async () => {
	await Promise.all(servers.map((server) => server.stop()));
	await postgres.stop();
});

/** Runs the command and gives its exit code and what it said. */
async function command(changes: Record<string, string>, ...words: string[]) {
	const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), ...words], {
		env: { PATH: process.env["PATH"] ?? "", ...environment, ...changes },
		stderr: "pipe",
	});
	const [said, complained] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
	]);
	return { code: await child.exited, said, complained };
}

test("one command creates what is not there, and finds it the next time", async () => {
	const first = await command({});
	expect([first.code, first.said]).toEqual([
		0,
		[
			"created  topic orders\ncreated  topic trades\ncreated  topic market-data\n",
			"created  table castle-order-log\ncreated  bucket castle-archive\n",
			"created  database castle\n",
		].join(""),
	]);
	const second = await command({});
	expect([second.code, second.said]).toEqual([0, first.said.replaceAll("created", "found  ")]);
});

test("a venue of another name shares nothing with it but the servers", async () => {
	const { code, said } = await command({ VENUE: "other" });
	expect([code, said]).toEqual([
		0,
		[
			"created  topic other.orders\ncreated  topic other.trades\n",
			"created  topic other.market-data\n",
			"created  table other-order-log\ncreated  bucket other-archive\n",
			"created  database other\n",
		].join(""),
	]);
	const leases = new PostgresLeases({ ...postgres.settings, database: "other" });
	expect((await leases.take("one", "somebody", null)).isMine).toBe(true);
	await leases.close();
	expect((await command({ VENUE: "Other" })).code).toBe(64);
	const changed = await command({ VENUE: "other", ACCOUNT_SHARDS: "2" });
	expect([changed.code, changed.complained.trimEnd().split("\n").at(-1)]).toEqual([
		64,
		"castle stores: ACCOUNT_SHARDS=2: the venue was begun with 1",
	]);
});

test("several at once, as each before a process of its own, are all done", async () => {
	const all = await Promise.all([1, 2, 3].map(() => command({ VENUE: "at-once" })));
	expect(all.map(({ code, complained }) => [code, complained])).toEqual(all.map(() => [0, ""]));
	expect((await command({ VENUE: "at-once" })).said).not.toContain("created");
});

test("topics keep their records, whole and on enough replicas", async () => {
	const { kafka } = storesSettings(environment, "test");
	const admin = new Kafka(kafkaConfig(kafka)).admin();
	await admin.connect();
	const names = ["orders", "trades", "market-data"];
	const { resources } = await admin.describeConfigs({
		includeSynonyms: false,
		resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
	});
	const { topics } = await admin.fetchTopicMetadata({ topics: names });
	await admin.disconnect();
	for (const { resourceName, configEntries } of resources) {
		const config = Object.fromEntries(configEntries.map((e) => [e.configName, e.configValue]));
		expect(config).toMatchObject({
			"cleanup.policy": "delete",
			"retention.ms": resourceName === "market-data" ? "604800000" : "-1",
			"min.insync.replicas": "1",
			"unclean.leader.election.enable": "false",
		});
	}
	expect(topics.map((topic) => topic.partitions.length)).toEqual([2, 2, 2]);
});

test("topics that are there in another shape are refused, with all that differs", async () => {
	const shape = await command({ PARTITIONS: "3" });
	expect(shape.code).toBe(69);
	expect(shape.complained).toEndWith(
		[
			"castle stores: the topic orders has 2 partitions, not 3",
			"the topic trades has 2 partitions, not 3",
			"the topic market-data has 2 partitions, not 3\n",
		].join("\n"),
	);
	const safe = await command({ REPLICAS: "" });
	expect(safe.code).toBe(69);
	for (const name of ["orders", "trades", "market-data"]) {
		expect(safe.complained).toContain(`the topic ${name} has 1 replicas, not 3\n`);
		expect(safe.complained).toContain(`the topic ${name} has min.insync.replicas=1, not 2\n`);
	}
});

test("a topic whose records may go, or come back changed, is refused until it is as it was made", async () => {
	const { kafka } = storesSettings(environment, "test");
	const admin = new Kafka(kafkaConfig(kafka)).admin();
	await admin.connect();
	const alter = (changes: Record<string, string>) =>
		admin.alterConfigs({
			validateOnly: false,
			resources: [
				{
					type: ConfigResourceTypes.TOPIC,
					name: "trades",
					configEntries: Object.entries(changes).map(([name, value]) => ({ name, value })),
				},
			],
		});
	const made = {
		...{ "retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete" },
		...{ "min.insync.replicas": "1", "unclean.leader.election.enable": "false" },
		"max.message.bytes": `${8 << 20}`,
	};
	await alter({ ...made, "retention.ms": "86400000", "unclean.leader.election.enable": "true" });
	const { code, said, complained } = await command({});
	await alter(made);
	await admin.disconnect();
	expect([code, said]).toEqual([69, ""]);
	expect(complained).toEndWith(
		"castle stores: the topic trades has retention.ms=86400000, not -1\n" +
			"the topic trades has unclean.leader.election.enable=true, not false\n",
	);
	expect((await command({})).code).toBe(0);
});

test("in production a record is on two of three replicas before it counts", () => {
	const { size } = storesSettings({ ...environment, REPLICAS: "" }, "test");
	expect(size).toEqual({ partitions: 2, replicas: 3, minInSyncReplicas: 2 });
});

test("a setting that is missing or wrong is named, a secret never", async () => {
	const missing = await command({ KAFKA_BROKERS: "", AWS_REGION: "" });
	expect([missing.code, missing.complained]).toEqual([
		64,
		"castle stores: KAFKA_BROKERS, AWS_REGION must be given\n",
	]);
	for (const [name, value] of [
		["PARTITIONS", "0"],
		["PARTITIONS", "two"],
		["REPLICAS", "2"],
		["KAFKA_TLS", "yes"],
		["KAFKA_SASL", "gssapi"],
	] as const) {
		expect(() => storesSettings({ ...environment, [name]: value }, "test")).toThrow(
			`${name}=${value}: must be`,
		);
	}
	const sasl = { KAFKA_SASL: "plain", KAFKA_USERNAME: "castle", KAFKA_PASSWORD: "very-secret" };
	const refused = await command(sasl);
	expect(refused.code).toBe(69);
	expect(refused.complained + refused.said).not.toContain("very-secret");
});
