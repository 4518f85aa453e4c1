import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { Rejection } from "../schemas/rejection.ts";
import type { Scenario } from "./testing/scenario.ts";
import { play } from "./testing/scenario.ts";
import { CANCELS } from "./testing/scenarios/cancels.ts";
import { ICEBERGS } from "./testing/scenarios/icebergs.ts";
import { ORDERS } from "./testing/scenarios/orders.ts";
import { REJECTIONS } from "./testing/scenarios/rejections.ts";
import { REPLACES } from "./testing/scenarios/replaces.ts";
import { RESUMES } from "./testing/scenarios/resumes.ts";
import { STP } from "./testing/scenarios/stp.ts";
import { TRIGGERS } from "./testing/scenarios/triggers.ts";

const FILES: Record<string, readonly Scenario[]> = {
	orders: ORDERS,
	stp: STP,
	icebergs: ICEBERGS,
	triggers: TRIGGERS,
	cancels: CANCELS,
	replaces: REPLACES,
	rejections: REJECTIONS,
	resumes: RESUMES,
};

/** `UPDATE_GOLDEN=1 bun test engine` writes them anew, from the naive book. */
const updates = process.env["UPDATE_GOLDEN"] === "1";

for (const book of ["naive", "fast"] as const) {
	describe(`golden files, ${book} book`, () => {
		for (const [name, scenarios] of Object.entries(FILES)) {
			test(name, () => {
				const path = `${import.meta.dir}/golden/${name}.txt`;
				const text = scenarios.map((scenario) => play(scenario, book)).join("\n");
				if (updates && book === "naive") writeFileSync(path, text);
				expect(text).toBe(readFileSync(path, "utf8"));
			});
		}
	});
}

test("the golden files show every rejection that the engine gives", () => {
	const text = readFileSync(`${import.meta.dir}/golden/rejections.txt`, "utf8");
	// An engine that breaks gives none of these: see `Engine.refuse`.
	const never = ["None", "NoLiquidity", "EngineFault"];
	const missing = Object.keys(Rejection).filter(
		(name) => !never.includes(name) && !new RegExp(`eason=${name}\\b`).test(text),
	);
	expect(missing).toEqual([]);
});
