import { durableWrite, type WriteAt } from "../segment-writer.ts";

/** A disk whose writes wait until the test says what becomes of them. */
export class HeldDisk {
	writes = 0;
	private waiting: ((how: "whole" | "fails" | "whole, then fails") => Promise<void>)[] = [];
	private watchers: (() => void)[] = [];

	get held(): number {
		return this.waiting.length;
	}

	readonly writeAt: WriteAt = (fd, bytes, position) =>
		new Promise((resolve, reject) => {
			this.waiting.push(async (how) => {
				const written = how === "fails" ? 0 : await durableWrite(fd, bytes, position);
				if (how !== "whole") return reject(new Error("the disk failed"));
				this.writes += 1;
				resolve(written);
			});
			for (const look of this.watchers) look();
		});

	/** Resolves when so many writes wait. */
	holds(count: number): Promise<void> {
		return new Promise((resolve) => {
			const look = () => this.held >= count && resolve();
			this.watchers.push(look);
			look();
		});
	}

	release(): void {
		void this.waiting.shift()?.("whole");
	}

	fail(): void {
		void this.waiting.shift()?.("fails");
	}

	async writeThenFail(): Promise<void> {
		await this.waiting.shift()?.("whole, then fails");
	}
}
