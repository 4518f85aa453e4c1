import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Say } from "./install-cache.ts";
import { programOnPath, runTool } from "./run-tool.ts";

const OLDEST_JAVA = 17;

/** A library on Maven Central with all it depends on. */
export interface MavenLibrary {
	readonly groupId: string;
	readonly artifactId: string;
	readonly version: string;
}

/**
 * A program of the JDK.
 *
 * @throws Error that says what to install
 */
export async function javaProgram(name: "java" | "javac"): Promise<string> {
	const home = process.env["JAVA_HOME"];
	const path = home === undefined ? programOnPath(name) : join(home, "bin", name);
	if (path === null) throw new Error(missing(`there is no \`${name}\` on the PATH`));
	const version = await runTool([path, "-version"]);
	const major = Number(/(\d+)(\.\d+)*/.exec(version)?.[1]);
	if (!(major >= OLDEST_JAVA)) throw new Error(missing(`${path} is version ${major}`));
	return path;
}

function missing(why: string): string {
	return `Kafka and DynamoDB Local need a JDK of version ${OLDEST_JAVA} or newer, and ${why}: install one (Debian: openjdk-17-jdk-headless) or set JAVA_HOME`;
}

/**
 * Downloads the libraries and what they depend on into a folder, as jars.
 *
 * @throws Error when there is no Maven, or with its words
 */
export async function downloadLibraries(
	folder: string,
	libraries: readonly MavenLibrary[],
	say: Say,
): Promise<void> {
	await javaProgram("java");
	if (programOnPath("mvn") === null) {
		throw new Error("Kafka and DynamoDB Local come by Maven: install it (Debian: maven)");
	}
	say(`downloading ${libraries.map((l) => `${l.artifactId} ${l.version}`).join(", ")} by Maven`);
	const pom = join(folder, "pom.xml");
	writeFileSync(pom, pomOf(libraries));
	await runTool([
		"mvn",
		...["--quiet", "--batch-mode", "--no-transfer-progress", "--file", pom],
		"dependency:copy-dependencies",
		`-DoutputDirectory=${folder}`,
		"-DincludeScope=runtime",
	]);
	if (!readdirSync(folder).some((file) => file.endsWith(".jar"))) {
		throw new Error(`Maven left no library in ${folder}`);
	}
}

function pomOf(libraries: readonly MavenLibrary[]): string {
	const dependencies = libraries.map(
		({ groupId, artifactId, version }) =>
			`<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`,
	);
	return [
		"<project><modelVersion>4.0.0</modelVersion>",
		"<groupId>castle</groupId><artifactId>servers</artifactId><version>1</version>",
		"<packaging>pom</packaging>",
		`<dependencies>${dependencies.join("")}</dependencies></project>`,
	].join("\n");
}
