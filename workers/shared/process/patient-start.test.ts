import { expect, test } from "bun:test";
import { untilSettled } from "../testing/until-settled.ts";
import { VirtualTime } from "../testing/virtual-time.ts";
import { startPatiently } from "./patient-start.ts";

test("what keeps it from starting is told whenever it is something else", async () => {
	const time = new VirtualTime();
	const told: unknown[] = [];
	const logger = {
		info() {},
		warn: (message: string, fields: unknown) => told.push([message, fields]),
		error() {},
	};
	const away = new Error("Kafka is away");
	const lost = new Error("an object of the archive is lost");
	const whys = [away, away, lost, lost, lost];
	const attempt = async () => {
		const why = whys.shift();
		if (why !== undefined) throw why;
	};
	const starting = startPatiently({ scheduler: time, logger }, attempt, () => false);
	await untilSettled(time, starting);
	await starting;
	expect(told).toEqual([away, lost].map((why) => ["cannot start yet", { why: String(why) }]));
});
