import { createApiKey } from "../../../edge/users/keys.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import type { Cluster } from "./cluster.ts";
import { ACCOUNT_SHARDS } from "./size.ts";
import type { World } from "./world.ts";

const FUNDS = { BTC: 3n, ETH: 60n, USDT: 150_000n } as const;

/** A new user with funds and a key. */
export async function signUp(
	world: World,
	cluster: Cluster,
): Promise<{ readonly userId: number; readonly apiKey: string; readonly secret: string }> {
	const services = cluster.of("edge")?.services;
	if (services === undefined) throw new Error("there is no edge to join at");
	const email = `${world.random.below(1e9)}@example.com`;
	const user = await services.users.createUser({ email, passwordHash: "", createdAtMs: 0 });
	if (user === null) throw new Error(`${email} is taken`);
	const { userId } = user;
	for (const [asset, whole] of Object.entries(FUNDS)) {
		const isOfLast = shardOfUser(userId, ACCOUNT_SHARDS) === ACCOUNT_SHARDS;
		if (isOfLast && asset === world.onlyElsewhere) continue;
		const spec = world.referee.venue.asset(asset);
		if (spec === undefined) throw new Error(`no asset ${asset}`);
		const amount = whole * 10n ** BigInt(spec.decimals);
		const request = { userId, assetId: spec.assetId, amount, externalId: asset };
		const outcome = await services.accounts(userId).deposit(request);
		if (!outcome.ok) throw new Error(`deposit refused: ${outcome.refusal.reason}`);
	}
	const wanted = {
		...({ userId, type: "hmac", label: "", scopes: ["read", "trade"] } as const),
		...{ ips: [], publicKey: null },
	};
	const { key, secret } = await createApiKey(services, wanted, "simulation");
	return { userId, apiKey: key.apiKey, secret: secret ?? "" };
}
