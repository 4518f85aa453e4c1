import * as v from "valibot";
import { formatUnits, parseUnits } from "../../../schemas/decimal.ts";
import type { AssetSpec } from "../../../schemas/symbol.ts";
import { action, flagsOf, OperatorRefusal, textFlag, userIdFlag } from "./action.ts";
import { audit } from "./audit-entry.ts";
import { refusedFor, wrongAmount } from "./refusal-words.ts";
import type { OperatorServices } from "./services.ts";
import { knownUser } from "./user-actions.ts";

const flags = flagsOf({
	user: userIdFlag,
	asset: textFlag,
	amount: textFlag,
	id: v.pipe(textFlag, v.maxLength(128, "128 characters at most")),
});

const usage = "--user ID --asset A --amount N --id EXTERNAL";

const deposit = action({
	name: "deposit",
	usage,
	says: "credits a user; said again with the same id, it is answered from the first time",
	flags,
	run: (services, wanted) => move(services, "deposit", wanted),
});

const withdraw = action({
	name: "withdraw",
	usage,
	says: "takes from what a user has available; idempotent by its id, like deposit",
	flags,
	run: (services, wanted) => move(services, "withdraw", wanted),
});

async function move(
	services: OperatorServices,
	what: "deposit" | "withdraw",
	wanted: v.InferOutput<typeof flags>,
) {
	const { edge } = services;
	await knownUser(services, wanted.user);
	const asset = edge.marketData.venue.asset(wanted.asset);
	if (asset === undefined) throw new OperatorRefusal(`there is no asset ${wanted.asset}`);
	const request = {
		userId: wanted.user,
		assetId: asset.assetId,
		amount: amountOf(wanted.amount, asset),
		externalId: wanted.id,
	};
	const outcome = await edge.accounts(wanted.user)[what](request);
	if (!outcome.ok) throw refusedFor(outcome.refusal.reason);
	const { available, held, repeated, transactMs } = outcome.value;
	const { amount, id } = wanted;
	const details = { asset: asset.asset, amount, id, ...(repeated ? { repeated } : {}) };
	// Said again, too: the entry of the first time may have been lost with the process, or PostgreSQL.
	await audit(services, what, `user:${wanted.user}`, details);
	return {
		userId: wanted.user,
		asset: asset.asset,
		available: formatUnits(available, asset.decimals),
		held: formatUnits(held, asset.decimals),
		repeated,
		transactMs,
	};
}

function amountOf(text: string, asset: AssetSpec): bigint {
	const units = parseUnits(text, asset.decimals);
	if (typeof units !== "bigint") throw wrongAmount(text, units);
	if (units <= 0n) throw new OperatorRefusal("--amount must be above 0");
	return units;
}

export const fundsActions = [deposit, withdraw];
