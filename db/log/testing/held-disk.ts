import { type Disk, machineDisk } from "../segment-writer.ts";

/** A disk whose writes wait until the test says what becomes of them. */
export class HeldDisk implements Disk {
	writes = 0;
	private waiting: ((how: "whole" | "fails" | "whole, then fails") => Promise<void>)[] = [];
	private watchers: (() => void)[] = [];

	get held(): number {
		return this.waiting.length;
	}

	/** Rooms in the making that wait, when `holdsRooms`. */
	readonly rooms: (() => Promise<void>)[] = [];
	holdsRooms = false;

	makeRoom(fd: number, zeros: Uint8Array, position: number): Promise<void> {
		if (!this.holdsRooms) return machineDisk.makeRoom(fd, zeros, position);
		return new Promise((resolve, reject) => {
			this.rooms.push(() => machineDisk.makeRoom(fd, zeros, position).then(resolve, reject));
		});
	}

	write(fd: number, bytes: Uint8Array, position: number): Promise<number> {
		return new Promise((resolve, reject) => {
			this.waiting.push(async (how) => {
				const written = how === "fails" ? 0 : await machineDisk.write(fd, bytes, position);
				if (how !== "whole") return reject(new Error("the disk failed"));
				this.writes += 1;
				resolve(written);
			});
			for (const look of this.watchers) look();
		});
	}

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
