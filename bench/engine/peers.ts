import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Contender } from "./contender.ts";

/** Versions that the drivers beside this file are written for. */
export const EXCHANGE_CORE = "0.5.3";
export const NODEJS_ORDER_BOOK = "10.1.1";

const HERE = import.meta.dir;
/** Outside the checkout: what others made is fetched once and never committed. */
const CACHE = process.env["CASTLE_BENCH_CACHE"] ?? join(homedir(), ".cache", "castle-bench");

/** As much heap as it likes from the start, and the collector with the least work of its own. */
const JVM_OPTIONS = ["-Xms2g", "-Xmx2g", "-XX:+UseSerialGC"];

/** This project's engine. */
export function castle(file: string, book: string): Contender {
	return new Contender(`Castle, ${book} book`, ["bun", join(HERE, "castle.ts"), file, book]);
}

/**
 * exchange-core's OrderBookDirectImpl, compiled with the machine's JDK; fetched with Maven.
 *
 * @throws Error when `java`, `javac` or, the first time, `mvn` is missing or fails
 */
export function exchangeCore(file: string): Contender {
	const folder = join(CACHE, `exchange-core-${EXCHANGE_CORE}`);
	const jars = join(folder, "lib");
	if (!existsSync(jars) || readdirSync(jars).length === 0) {
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, "pom.xml"), pomOf("exchange.core2", "exchange-core", EXCHANGE_CORE));
		run(["mvn", "-q", "dependency:copy-dependencies", `-DoutputDirectory=${jars}`], folder);
	}
	const classes = mkdtempSync(join(tmpdir(), "castle-bench-"));
	const source = join(HERE, "../peers/exchange-core/Driver.java");
	run(["javac", "-cp", join(jars, "*"), "-d", classes, source], folder);
	const path = `${classes}:${join(jars, "*")}`;
	return new Contender("exchange-core Direct", [
		"java",
		...JVM_OPTIONS,
		"-cp",
		path,
		"Driver",
		file,
	]);
}

/**
 * nodejs-order-book on Node; fetched with npm.
 *
 * @throws Error when `node` or, the first time, `npm` is missing or fails
 */
export function nodejsOrderBook(file: string): Contender {
	const folder = join(CACHE, `nodejs-order-book-${NODEJS_ORDER_BOOK}`);
	if (!existsSync(join(folder, "node_modules", "nodejs-order-book"))) {
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, "package.json"), "{}");
		run(["npm", "install", "--silent", `nodejs-order-book@${NODEJS_ORDER_BOOK}`], folder);
	}
	const driver = join(HERE, "../peers/nodejs-order-book/driver.mjs");
	return new Contender("nodejs-order-book", ["node", "--expose-gc", driver, file, folder]);
}

function run(command: string[], cwd: string): void {
	const { exitCode, stderr } = Bun.spawnSync(command, { cwd, stderr: "pipe" });
	if (exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${stderr.toString()}`);
}

function pomOf(group: string, artifact: string, version: string): string {
	return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>bench</groupId><artifactId>bench</artifactId><version>1</version><dependencies><dependency>
<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>
</dependency></dependencies></project>
`;
}
