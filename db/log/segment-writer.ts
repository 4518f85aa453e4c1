import { closeSync, constants, fdatasync, ftruncateSync, openSync, write } from "node:fs";

/**
 * Writes some of the bytes at that place of a file, durably.
 *
 * @returns how many
 */
export type WriteAt = (fd: number, bytes: Uint8Array, position: number) => Promise<number>;

/** Made room ahead of what is written, so that a write changes nothing but the bytes it writes. */
const AHEAD_BYTES = 2 << 20;
const ROOM = new Uint8Array(4 << 20);

/**
 * The end of a segment. What is written is durable when it resolves: the file is opened with O_DSYNC,
 * and the writing is done by the runtime's thread pool, never by this thread. One write at a time.
 */
export class SegmentWriter {
	/** Where the next write goes: everything before it is durable. */
	position: number;
	private readonly writeAt: WriteAt;
	private readonly fd: number;
	/** The same file without O_DSYNC, to make room. */
	private readonly roomFd: number;
	/** The file is zeros from `position` to there. */
	private roomEnd: number;
	private makingRoom: Promise<void> | null = null;
	/** What stands after `position` is not known: a write has failed. */
	private torn = false;

	/** @param position where the segment ends; what the file has after it is cut off */
	constructor(path: string, position: number, writeAt: WriteAt = durableWrite) {
		this.writeAt = writeAt;
		this.fd = openSync(path, constants.O_RDWR | constants.O_DSYNC);
		this.roomFd = openSync(path, constants.O_RDWR);
		this.position = position;
		this.roomEnd = position;
		ftruncateSync(this.roomFd, position);
	}

	/**
	 * Durable when it resolves. When it rejects, nothing of it counts: the next write replaces it.
	 *
	 * @param bytes not changed until then
	 */
	async write(bytes: Uint8Array): Promise<void> {
		const overlaps = this.position + bytes.length > this.roomEnd;
		if (this.makingRoom !== null && (overlaps || this.torn)) await this.makingRoom;
		if (this.torn) this.cut();
		this.torn = true;
		let done = 0;
		while (done < bytes.length) {
			done += await this.writeAt(this.fd, bytes.subarray(done), this.position + done);
		}
		this.torn = false;
		this.position += bytes.length;
		this.roomEnd = Math.max(this.roomEnd, this.position);
		this.makeRoom();
	}

	/** Leaves the file as long as what was written. */
	async close(): Promise<void> {
		if (this.makingRoom !== null) await this.makingRoom;
		this.cut();
		closeSync(this.fd);
		closeSync(this.roomFd);
	}

	/** @throws Error when it cannot be done: then the next write begins with it again */
	private cut(): void {
		ftruncateSync(this.roomFd, this.position);
		this.roomEnd = this.position;
	}

	/** Without room a write is slower, and a full disk shows there. */
	private makeRoom(): void {
		if (this.makingRoom !== null || this.roomEnd - this.position >= AHEAD_BYTES) return;
		const from = this.roomEnd;
		const made = (isMade: boolean): void => {
			this.makingRoom = null;
			if (isMade) this.roomEnd = from + ROOM.length;
		};
		this.makingRoom = fill(this.roomFd, from).then(made, () => made(false));
	}
}

/** Zeros, on the disk: the file is longer for good, and what is written there later is only data. */
async function fill(fd: number, from: number): Promise<boolean> {
	const isWhole = (await plainWrite(fd, ROOM, from)) === ROOM.length;
	await new Promise<void>((resolve, reject) => {
		fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
	});
	return isWhole;
}

function plainWrite(fd: number, bytes: Uint8Array, position: number): Promise<number> {
	return new Promise((resolve, reject) => {
		write(fd, bytes, 0, bytes.length, position, (error, count) =>
			error === null ? resolve(count) : reject(error),
		);
	});
}

/** On a file that was opened with O_DSYNC. */
export const durableWrite: WriteAt = plainWrite;
