import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENDPOINT_FILE, type OperatorEndpoint } from "../../workers/exchange/operator/listener.ts";

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
	const say = operator(dataDir);
	// One password for all: hashing it a thousand times is not what is measured.
	const hash = await Bun.password.hash("correct horse battery", {
		...{ algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 },
	});
	const lines: string[] = new Array(users);
	let next = 0;
	const makeSome = async () => {
		while (next < users) {
			const i = next++;
			lines[i] = await makeUser(say, i, hash);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, makeSome));
	const file = join(dataDir, "bench-users.txt");
	writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
	return file;
}

type Operator = <T>(action: string, flags: Record<string, string>) => Promise<T>;

async function makeUser(say: Operator, i: number, passwordHash: string): Promise<string> {
	const email = `bench-${i}@example.com`;
	const { userId } = await say<{ userId: number }>("user create", {
		email,
		"password-hash": passwordHash,
	});
	const user = String(userId);
	for (const [asset, amount] of Object.entries(FUNDS)) {
		await say("deposit", { user, asset, amount, id: `first-${asset}` });
	}
	const key = await say<{ apiKey: string; secret: string }>("key create", {
		...{ user, type: "hmac", scopes: "read,trade" },
	});
	return `${key.apiKey} ${key.secret}`;
}

function operator(dataDir: string): Operator {
	const text = readFileSync(join(dataDir, ENDPOINT_FILE), "utf8");
	const { url, token } = JSON.parse(text) as OperatorEndpoint;
	return async <T>(action: string, flags: Record<string, string>) => {
		const response = await fetch(url, {
			method: "POST",
			headers: { authorization: `Bearer ${token}` },
			body: JSON.stringify({ action, flags }),
		});
		const answer = (await response.json()) as T & { error?: string };
		if (!response.ok) throw new Error(`operator ${action}: ${answer.error}`);
		return answer;
	};
}
