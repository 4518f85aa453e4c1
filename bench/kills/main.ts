import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { numberOf, UsageError } from "../../db/machine/usage.ts";
import {
	type StackRound,
	StackRounds,
} from "../../workers/exchange/testing/stack-kills/stack-rounds.ts";
import {
	DYNAMODB_AWAY,
	KAFKA_RESTARTS,
	KILLS,
	PAUSES,
	POSTGRES_KILLS,
	REDIS_KILLS,
	S3_AWAY,
	type StackScene,
} from "../../workers/exchange/testing/stack-kills/stack-scenes.ts";
import { stackTable } from "../../workers/exchange/testing/stack-kills/stack-table.ts";
import { StackUnderTest } from "../../workers/exchange/testing/stack-kills/stack-under-test.ts";
import { machineTable } from "../machine.ts";

export const USAGE = `bun run bench kills: strikes at every process and server of a stack while clients trade

  kill=40 stop=20 kafka=10 postgres=10 redis=10 dynamodb=5 s3=5
                how often each; one that is not named is left out, without any all are as here

  The table goes to bench/results/kills-stack.md. KILLS_FILE is a file of earlier rounds, which go into
  it; those of this run are added to the file.`;

const KINDS: Readonly<Record<string, readonly [scenes: readonly StackScene[], times: number]>> = {
	kill: [KILLS, 40],
	stop: [PAUSES, 20],
	kafka: [KAFKA_RESTARTS, 10],
	postgres: [POSTGRES_KILLS, 10],
	redis: [REDIS_KILLS, 10],
	dynamodb: [DYNAMODB_AWAY, 5],
	s3: [S3_AWAY, 5],
};
const TABLE = join(import.meta.dir, "../results/kills-stack.md");

const roundsFile = process.env["KILLS_FILE"];

const roundShape: v.GenericSchema<unknown, StackRound> = v.object({
	...{ says: v.string(), target: v.string(), takeOverMs: v.nullable(v.number()) },
	...{ longestSilenceMs: v.number(), answered: v.number(), unknown: v.number() },
	...{ trades: v.number(), logRecords: v.number(), faults: v.array(v.string()) },
});

/** @throws UsageError for a file of something else */
function earlier(): StackRound[] {
	if (roundsFile === undefined || !existsSync(roundsFile)) return [];
	const lines = readFileSync(roundsFile, "utf8").trimEnd().split("\n");
	return lines.flatMap((line, i) => (line === "" ? [] : roundOf(line, i + 1)));
}

function roundOf(line: string, number: number): StackRound {
	try {
		return v.parse(roundShape, JSON.parse(line));
	} catch {
		throw new UsageError(`KILLS_FILE=${roundsFile}, line ${number}: is no round of an earlier run`);
	}
}

/** All that was asked for, by kind, each kind's scenes in turn. */
function asked(words: readonly string[]): StackScene[] {
	const none = words.length > 0;
	const times = new Map(Object.entries(KINDS).map(([kind, [, all]]) => [kind, none ? 0 : all]));
	for (const word of words) {
		const [kind = "", count] = word.split("=");
		const all = KINDS[kind]?.[1];
		if (all === undefined) throw new UsageError(`there is no ${kind}`);
		times.set(kind, count === undefined ? all : numberOf(count));
	}
	return [...times].flatMap(([kind, count]) => {
		const scenes = KINDS[kind]?.[0] ?? [];
		return Array.from({ length: count }, (_, i) => scenes[i % scenes.length] as StackScene);
	});
}

/** `bun run bench kills` */
export async function main(args: string[]): Promise<void> {
	const scenes = asked(args);
	const rounds = earlier();
	const exchange = new StackUnderTest((line) => console.log(`      ${line}`));
	const command = ["bun run bench kills", ...args].join(" ");
	// What it started has process groups of its own, and would go on.
	const interrupted = () => void exchange.dispose().finally(() => process.exit(1));
	for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, interrupted);
	try {
		await exchange.start();
		const all = await StackRounds.open(exchange);
		for (const [i, scene] of scenes.entries()) {
			console.log(`${i + 1} of ${scenes.length}: ${scene.says}`);
			const round = await all.run(scene);
			rounds.push(round);
			console.log(JSON.stringify(round));
			if (roundsFile !== undefined) appendFileSync(roundsFile, `${JSON.stringify(round)}\n`);
			const table = `${machineTable(command)}\n\n${stackTable(rounds)}\n`;
			writeFileSync(TABLE, `# Strikes at a running stack\n\n${table}`);
		}
		await all.close();
	} finally {
		await exchange.dispose();
	}
	process.exit(rounds.every(({ faults }) => faults.length === 0) ? 0 : 1);
}
