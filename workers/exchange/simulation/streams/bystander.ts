import type { Session } from "./session.ts";

/** Hears what another client hears, and leaves it: the other must go on hearing. */
export class Bystander implements Session {
	opened(): void {}

	text(): void {}

	ended(): void {}

	lacks(): string | null {
		return null;
	}

	whole(): void {}

	takeStock(): void {}
}
