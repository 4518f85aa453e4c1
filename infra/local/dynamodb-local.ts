import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { answersHttp } from "./ask.ts";
import { freePort, LOOPBACK } from "./free-port.ts";
import { AFTER_ALL } from "./give-way.ts";
import { installedOnce, type Say } from "./install-cache.ts";
import { downloadLibraries, javaProgram } from "./java.ts";
import { type LocalServer, launch, type StartOptions } from "./local-server.ts";
import { runTool } from "./run-tool.ts";

const VERSION = "2.6.1";
const LIBRARY = { groupId: "com.amazonaws", artifactId: "DynamoDBLocal", version: VERSION };
const JVM = [
	"-Xmx384m",
	"-XX:TieredStopAtLevel=1",
	"-XX:+UseSerialGC",
	"-Djava.net.preferIPv4Stack=true",
];

export interface DynamoDbOptions extends StartOptions {
	/** Its tables outlive the process, a tenth as fast; else they are in memory. */
	readonly durable: boolean;
}

/**
 * Amazon's DynamoDB Local, by a main class of ours that listens on the loopback address only. It takes
 * any key and region.
 *
 * @throws Error when it cannot be installed or does not start
 */
export async function startDynamoDb(options: DynamoDbOptions): Promise<LocalServer> {
	const { libraries, classes } = await installDynamoDb(options.say ?? (() => {}));
	const java = await javaProgram("java");
	const port = options.port ?? (await freePort());
	const data = join(options.folder, "data");
	mkdirSync(data, { recursive: true });
	return launch({
		name: "dynamodb",
		command: [
			java,
			...JVM,
			`-Djava.library.path=${libraries}`,
			...["-cp", `${classes}:${libraries}/*`, "DynamoDbLocal"],
			...[LOOPBACK, `${port}`],
			...(options.durable ? [data] : []),
		],
		folder: options.folder,
		port,
		answers: () => answersHttp(port),
		niceness: AFTER_ALL,
	});
}

/** Downloads DynamoDB Local and compiles our main class, unless this machine has them. */
export async function installDynamoDb(
	say: Say,
): Promise<{ readonly libraries: string; readonly classes: string }> {
	const libraries = await installedOnce(`dynamodb-local-${VERSION}`, (folder) =>
		downloadLibraries(folder, [LIBRARY], say),
	);
	const source = join(import.meta.dirname, "DynamoDbLocal.java");
	const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12);
	const classes = await installedOnce(`dynamodb-local-${VERSION}-main-${hash}`, async (folder) => {
		await runTool([await javaProgram("javac"), "-cp", `${libraries}/*`, "-d", folder, source]);
	});
	return { libraries, classes };
}
