import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { askOperator } from "../../workers/exchange/testing/ask-operator.ts";

/** Enough that nobody runs out within a run, decimal text by asset. */
const FUNDS = { BTC: "1000", ETH: "10000", USDT: "100000000" } as const;
/** Operator calls under way at once. */
const AT_ONCE = 32;

/**
 * Users with funds and HMAC keys, made through the operator's listener, and the file of "apiKey secret"
 * lines that the generator reads.
 *
 * @param dataDir of the running exchange
 * @returns the file's path
 */
export async function populate(dataDir: string, users: number): Promise<string> {
	// One password for all: hashing it a thousand times is not what is measured.
	const hash = await Bun.password.hash("correct horse battery", {
		...{ algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 },
	});
	const lines: string[] = new Array(users);
	let next = 0;
	const makeSome = async () => {
		while (next < users) {
			const i = next++;
			lines[i] = await makeUser(dataDir, i, hash);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, makeSome));
	const file = join(dataDir, "bench-users.txt");
	writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
	return file;
}

async function makeUser(dataDir: string, i: number, passwordHash: string): Promise<string> {
	const email = `bench-${i}@example.com`;
	const { userId } = await askOperator<{ userId: number }>(dataDir, "user create", {
		email,
		"password-hash": passwordHash,
	});
	const user = String(userId);
	for (const [asset, amount] of Object.entries(FUNDS)) {
		await askOperator(dataDir, "deposit", { user, asset, amount, id: `first-${asset}` });
	}
	const key = await askOperator<{ apiKey: string; secret: string }>(dataDir, "key create", {
		...{ user, type: "hmac", scopes: "read,trade" },
	});
	return `${key.apiKey} ${key.secret}`;
}
