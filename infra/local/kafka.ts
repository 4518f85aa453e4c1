import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { askSocket } from "./ask.ts";
import { freePort, LOOPBACK } from "./free-port.ts";
import { installedOnce, type Say } from "./install-cache.ts";
import { downloadLibraries, javaProgram, type MavenLibrary } from "./java.ts";
import { type LocalServer, launch, type StartOptions } from "./local-server.ts";
import { runTool } from "./run-tool.ts";

const VERSION = "4.4.0";
const LIBRARIES: readonly MavenLibrary[] = [
	{ groupId: "org.apache.kafka", artifactId: "kafka_2.13", version: VERSION },
	// Kafka brings no logging of its own.
	{ groupId: "org.apache.logging.log4j", artifactId: "log4j-slf4j-impl", version: "2.25.5" },
];
/** Small. It compiles all it can: after a minute an order costs it a third less than without. */
const JVM = ["-Xmx512m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true"];
/** Any 16 bytes in Kafka's base64: each folder is a cluster of its own, nobody tells them apart. */
const CLUSTER_ID = "Y2FzdGxlLWV4Y2hhbg";

const LOGGING = `status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
`;

/**
 * A Kafka of one node, broker and controller in one (KRaft).
 *
 * @throws Error when it cannot be installed or does not start
 */
export async function startKafka(options: StartOptions): Promise<LocalServer> {
	const libraries = await installKafka(options.say ?? (() => {}));
	const java = await javaProgram("java");
	const port = options.port ?? (await freePort());
	const { folder } = options;
	mkdirSync(folder, { recursive: true });
	const properties = join(folder, "server.properties");
	const logging = join(folder, "log4j2.properties");
	const data = join(folder, "data");
	writeFileSync(properties, propertiesOf(port, await freePort(), data));
	writeFileSync(logging, LOGGING);
	const run = (mainClass: string, ...words: string[]): [string, ...string[]] => [
		java,
		...JVM,
		`-Dlog4j2.configurationFile=${logging}`,
		...["-cp", `${libraries}/*`, mainClass],
		...words,
	];
	if (!existsSync(join(data, "meta.properties"))) {
		await runTool(run("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties));
	}
	const command = run("kafka.Kafka", properties);
	return launch({ name: "kafka", command, folder, port, answers: () => knowsABroker(port) });
}

/** Downloads Kafka unless this machine has it. Gives its libraries' folder. */
export function installKafka(say: Say): Promise<string> {
	return installedOnce(`kafka-${VERSION}`, (folder) => downloadLibraries(folder, LIBRARIES, say));
}

function propertiesOf(port: number, controllerPort: number, data: string): string {
	const broker = `${LOOPBACK}:${port}`;
	const controller = `${LOOPBACK}:${controllerPort}`;
	const properties: Record<string, string | number | boolean> = {
		"process.roles": "broker,controller",
		"node.id": 1,
		"controller.quorum.voters": `1@${controller}`,
		listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
		"advertised.listeners": `PLAINTEXT://${broker}`,
		"controller.listener.names": "CONTROLLER",
		"log.dirs": data,
		"auto.create.topics.enable": false,
		// One that was killed may come back only when the cluster has given up its life before.
		"broker.session.timeout.ms": 1_500,
		"broker.heartbeat.interval.ms": 300,
		// One node: nothing to copy to.
		"offsets.topic.replication.factor": 1,
		"transaction.state.log.replication.factor": 1,
		"transaction.state.log.min.isr": 1,
		"group.initial.rebalance.delay.ms": 0,
		"offsets.topic.num.partitions": 1,
		"transaction.state.log.num.partitions": 1,
	};
	return Object.entries(properties)
		.map(([name, value]) => `${name}=${value}\n`)
		.join("");
}

/** A Metadata request, version 1, for no topic, from the client "castle". */
const METADATA_REQUEST = Buffer.from("0000001400030001000000000006636173746c6500000000", "hex");
/** Where the number of brokers stands in the answer: behind its length and the request's id. */
const BROKERS_AT = 8;

/** True when it names a broker, itself, that takes requests. */
async function knowsABroker(port: number): Promise<boolean> {
	const answer = await askSocket(port, METADATA_REQUEST);
	return answer.length >= BROKERS_AT + 4 && answer.readInt32BE(BROKERS_AT) > 0;
}
