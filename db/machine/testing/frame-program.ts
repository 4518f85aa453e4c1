/** A program that does what its settings tell: for the tests of the frame. */
import { existsSync } from "node:fs";
import { InvariantViolation } from "../../../schemas/invariant.ts";
import { LogUnavailable } from "../../../schemas/ports/log.ts";
import { oneOf, secretSetting, setting, textValue } from "../../../schemas/settings.ts";
import { runProcess } from "../process-frame.ts";

await runProcess({
	name: "tried",
	says: "for tests",
	settings: {
		DOES: setting(
			"what",
			"runs",
			oneOf("runs", "stands by", "breaks", "throws", "fails", "is followed", "hangs", "waits"),
		),
		THERE: setting("file that one that waits waits for", "", textValue),
		TOKEN: secretSetting("not to be seen", null, textValue),
	},
	async start({ DOES, THERE }, frame) {
		for (const n of [0, 1]) {
			frame.addMetrics(() => `# TYPE tried_work gauge\ntried_work{of="${n}"} 7\n`);
		}
		frame.addMetrics(() => `# TYPE tried_ready gauge\ntried_ready ${frame.isReady() ? 1 : 0}\n`);
		frame.addHealth(() => (DOES === "stands by" ? { work: "none" } : {}));
		frame.onDrain(() => frame.logger.info("first begun, last ended"));
		frame.onDrain(() => {
			throw new Error("cannot end");
		});
		frame.onDrain(async () => {
			await new Promise((resolve) => setTimeout(resolve, DOES === "hangs" ? 60_000 : 1));
			frame.logger.info("last begun, first ended", { isReady: frame.isReady() });
		});
		if (DOES === "breaks") throw new InvariantViolation("a sum is wrong");
		if (DOES === "fails") throw new Error("no such topic");
		if (DOES === "throws") {
			setTimeout(() => {
				throw new TypeError("a bug");
			}, 1);
		}
		if (DOES === "is followed") frame.succeeded("epoch 7");
		if (DOES === "waits") {
			await frame.untilThere("Kafka", async () => {
				if (!existsSync(THERE)) throw new LogUnavailable("no broker");
			});
		}
		frame.become(DOES === "stands by" ? "standby" : "ready");
	},
});
