import type { Passwords } from "../../schemas/ports/crypto.ts";
import { AtMost } from "../auth/at-most.ts";

const OPTIONS = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
/** Each takes 19 MiB and a core for some 20 ms. */
const AT_ONCE = 4;
const LONGEST_QUEUE = 100;

/** argon2id by Bun, on its own threads; at most four at once. */
export class BunPasswords implements Passwords {
	private readonly turns = new AtMost(AT_ONCE, LONGEST_QUEUE);

	hash(password: string): Promise<string> {
		return this.turns.run(() => Bun.password.hash(password, OPTIONS));
	}

	verify(password: string, stored: string): Promise<boolean> {
		return this.turns.run(async () => {
			// Bun takes bcrypt, too; the others that read these hashes do not.
			if (!stored.startsWith("$argon2id$")) return false;
			try {
				return await Bun.password.verify(password, stored);
			} catch {
				return false;
			}
		});
	}
}
