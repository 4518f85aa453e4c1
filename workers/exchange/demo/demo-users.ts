import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createApiKey } from "../../../edge/users/keys.ts";
import { randomText } from "../../../schemas/random-text.ts";
import type { OperatorServices } from "../operator/services.ts";

/** A user of the demo with an HMAC key. */
export interface DemoUser {
	readonly name: string;
	readonly email: string;
	readonly password: string;
	readonly userId: number;
	readonly apiKey: string;
	readonly secret: string;
}

export interface DemoUsers {
	/** For whoever tries the exchange out. */
	readonly people: readonly DemoUser[];
	readonly bots: readonly DemoUser[];
}

const PEOPLE = ["alice", "bob"] as const;
const BOTS = ["maker-1", "maker-2"] as const;
const PEOPLE_FUNDS = { BTC: 2n, ETH: 20n, USDT: 200_000n } as const;
const BOT_FUNDS = { BTC: 5_000n, ETH: 100_000n, USDT: 500_000_000n } as const;

/**
 * The demo's users: made at the first start, with keys that are kept in a file of the data folder (the
 * exchange itself could not show a secret twice).
 */
export async function ensureDemoUsers(
	services: OperatorServices,
	dataDir: string,
): Promise<DemoUsers> {
	const file = join(dataDir, "demo-users.json");
	if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as DemoUsers;
	const users: DemoUsers = {
		people: await inOrder(PEOPLE, (name) => makeUser(services, name, PEOPLE_FUNDS)),
		bots: await inOrder(BOTS, (name) => makeUser(services, name, BOT_FUNDS)),
	};
	writeFileSync(file, JSON.stringify(users, null, 2), { mode: 0o600 });
	return users;
}

async function inOrder<T>(
	names: readonly string[],
	make: (name: string) => Promise<T>,
): Promise<T[]> {
	const made: T[] = [];
	for (const name of names) made.push(await make(name));
	return made;
}

async function makeUser(
	services: OperatorServices,
	name: string,
	funds: Readonly<Record<string, bigint>>,
): Promise<DemoUser> {
	const { edge } = services;
	const password = randomText(edge.random, 16);
	// A start that was killed half-way leaves the address taken: the next one takes another.
	const email = `${name}-${randomText(edge.random, 4).toLowerCase()}@demo.castle`;
	const user = await edge.users.createUser({
		email,
		passwordHash: await edge.passwords.hash(password),
		createdAtMs: edge.clock.nowMs(),
	});
	if (user === null) throw new Error(`the demo's address ${email} is taken`);
	for (const [asset, whole] of Object.entries(funds)) {
		await deposit(services, user.userId, asset, whole);
	}
	const { key, secret } = await createApiKey(
		edge,
		{
			userId: user.userId,
			type: "hmac",
			label: "demo",
			scopes: ["read", "trade"],
			ips: [],
			publicKey: null,
		},
		"operator",
	);
	return { name, email, password, userId: user.userId, apiKey: key.apiKey, secret: secret ?? "" };
}

async function deposit(
	{ edge }: OperatorServices,
	userId: number,
	asset: string,
	whole: bigint,
): Promise<void> {
	const spec = edge.marketData.venue.asset(asset);
	if (spec === undefined) throw new Error(`the venue has no asset ${asset}`);
	const outcome = await edge.accounts(userId).deposit({
		userId,
		assetId: spec.assetId,
		amount: whole * 10n ** BigInt(spec.decimals),
		externalId: `demo-${asset}`,
	});
	if (!outcome.ok) throw new Error(`the demo's deposit was refused: ${outcome.refusal.reason}`);
}
