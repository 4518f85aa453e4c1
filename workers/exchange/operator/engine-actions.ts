import * as v from "valibot";
import { ENGINE_VERSION } from "../../../engine/engine.ts";
import { Rejection } from "../../../schemas/rejection.ts";
import { action, flagsOf, OperatorRefusal, textFlag } from "./action.ts";
import { audit } from "./audit-entry.ts";

const engineVersion = action({
	name: "engine version",
	usage: "--to N",
	says: "from here on every partition goes by version N of the engine's rules (docs/runbooks/upgrade.md)",
	flags: flagsOf({
		to: v.pipe(textFlag, v.regex(/^[1-9]\d{0,5}$/, "must be a whole number"), v.transform(Number)),
	}),
	async run({ edge, venue }, { to }) {
		if (to > ENGINE_VERSION) {
			throw new OperatorRefusal(
				`this program knows the engine's rules up to version ${ENGINE_VERSION}: bring a newer one first`,
			);
		}
		await audit({ edge }, "engine.version", "engine", { version: to });
		if ((await venue.setEngineVersion(to)) !== Rejection.None) {
			throw new OperatorRefusal(`version ${to} is in force already, or a newer one`);
		}
		return { version: to };
	},
});

export const engineActions = [engineVersion];
