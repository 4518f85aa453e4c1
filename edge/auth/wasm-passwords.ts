import { argon2id, argon2Verify } from "hash-wasm";
import type { Passwords } from "../../schemas/ports/crypto.ts";
import { AtMost } from "./at-most.ts";

const MEMORY_KIB = 19_456;
const ITERATIONS = 2;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Each takes 19 MiB and a core for some 40 ms. */
const AT_ONCE = 4;
const LONGEST_QUEUE = 100;

/** argon2id in WebAssembly, for any runtime; at most four at once. */
export class WasmPasswords implements Passwords {
	private readonly turns = new AtMost(AT_ONCE, LONGEST_QUEUE);

	hash(password: string): Promise<string> {
		return this.turns.run(() =>
			argon2id({
				password,
				salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
				parallelism: 1,
				iterations: ITERATIONS,
				memorySize: MEMORY_KIB,
				hashLength: HASH_BYTES,
				outputType: "encoded",
			}),
		);
	}

	verify(password: string, stored: string): Promise<boolean> {
		return this.turns.run(async () => {
			try {
				return await argon2Verify({ password, hash: stored });
			} catch {
				// Not a PHC text of argon2: nobody's password.
				return false;
			}
		});
	}
}
