/**
 * Each kind of strike at a running stack once, while clients trade: nothing that was answered is lost,
 * nothing is there twice. All of them, and many times: `bun bench/kills/main.ts`.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { StackRounds } from "./testing/stack-kills/stack-rounds.ts";
import {
	DYNAMODB_AWAY,
	KAFKA_RESTARTS,
	KILLS,
	PAUSES,
	POSTGRES_KILLS,
	REDIS_KILLS,
	S3_AWAY,
} from "./testing/stack-kills/stack-scenes.ts";
import { StackUnderTest } from "./testing/stack-kills/stack-under-test.ts";

const SCENES = [
	...KILLS.filter(({ says }) => !/accounts-2|matching-1/.test(says)),
	...PAUSES.filter(({ says }) => says.includes("accounts-2")),
	...KAFKA_RESTARTS,
	...POSTGRES_KILLS,
	...REDIS_KILLS,
	...DYNAMODB_AWAY,
	...S3_AWAY,
];

const exchange = new StackUnderTest(() => {});
let rounds: StackRounds;

beforeAll(async () => {
	await exchange.start();
	rounds = await StackRounds.open(exchange);
});

afterAll(async () => {
	await rounds?.close();
	await exchange.dispose();
});

test.each(SCENES.map((scene) => [scene.says, scene] as const))("%s", async (_, scene) => {
	const round = await rounds.run(scene);
	console.log(
		`${round.says}: ${round.answered} orders answered, ${round.unknown} unknown, ` +
			`the longest silence ${round.longestSilenceMs.toFixed(0)} ms`,
	);
	expect(round.faults).toEqual([]);
	expect(round.answered).toBeGreaterThan(0);
});
