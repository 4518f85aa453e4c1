/**
 * Strikes at every process and server of a stack while clients trade, and writes what was found:
 *
 *   bun bench/kills/main.ts [kill=40] [stop=20] [kafka=10] [postgres=10] [redis=10] [dynamodb=5] [s3=5]
 *
 * A kind that is not named gets none; without any words, all of them get as many as above. KILLS_FILE is
 * a file of earlier rounds, which go into the table; those of this run are added to it.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
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

const KINDS: Readonly<Record<string, readonly [scenes: readonly StackScene[], times: number]>> = {
	kill: [KILLS, 40],
	stop: [PAUSES, 20],
	kafka: [KAFKA_RESTARTS, 10],
	postgres: [POSTGRES_KILLS, 10],
	redis: [REDIS_KILLS, 10],
	dynamodb: [DYNAMODB_AWAY, 5],
	s3: [S3_AWAY, 5],
};
const file = join(resolve(import.meta.dir, "../.."), "bench/results/kills-stack.md");

const roundsFile = process.env["KILLS_FILE"];

function earlier(): StackRound[] {
	if (roundsFile === undefined || !existsSync(roundsFile)) return [];
	const lines = readFileSync(roundsFile, "utf8").trim().split("\n");
	return lines.map((line) => JSON.parse(line));
}

/** All that was asked for, by kind, each kind's scenes in turn. */
function asked(words: readonly string[]): StackScene[] {
	const times = new Map(Object.entries(KINDS).map(([kind, [, all]]) => [kind, all]));
	if (words.length > 0) for (const kind of times.keys()) times.set(kind, 0);
	for (const word of words) {
		const [kind = "", count] = word.split("=");
		if (!times.has(kind)) throw new Error(`there is no ${kind}: ${[...times.keys()].join(", ")}`);
		times.set(kind, Number(count ?? KINDS[kind]?.[1]));
	}
	return [...times].flatMap(([kind, count]) => {
		const scenes = KINDS[kind]?.[0] ?? [];
		return Array.from({ length: count }, (_, i) => scenes[i % scenes.length] as StackScene);
	});
}

const scenes = asked(process.argv.slice(2));
const exchange = new StackUnderTest((line) => console.log(`      ${line}`));
const rounds = earlier();
try {
	await exchange.start();
	const all = await StackRounds.open(exchange);
	for (const [i, scene] of scenes.entries()) {
		console.log(`${i + 1} of ${scenes.length}: ${scene.says}`);
		const round = await all.run(scene);
		rounds.push(round);
		console.log(JSON.stringify(round));
		if (roundsFile !== undefined) appendFileSync(roundsFile, `${JSON.stringify(round)}\n`);
		writeFileSync(
			file,
			`# Strikes at a running stack\n\n${machineTable(["bun bench/kills/main.ts", ...process.argv.slice(2)].join(" "))}\n\n${stackTable(rounds)}\n`,
		);
	}
	await all.close();
} finally {
	await exchange.dispose();
}
process.exit(rounds.every(({ faults }) => faults.length === 0) ? 0 : 1);
