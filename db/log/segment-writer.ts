import { closeSync, constants, fdatasync, ftruncateSync, openSync, write } from "node:fs";
import type { OpenFile } from "./kept-descriptors.ts";

/** What becomes of bytes; a test's may hold them, or fail. */
export interface Disk {
	/**
	 * Writes some of the bytes at that place of a file that was opened with O_DSYNC.
	 *
	 * @returns how many are durable
	 */
	write(fd: number, bytes: Uint8Array, position: number): Promise<number>;
	/** Zeros at that place, durable when it resolves: the file is longer for good. */
	makeRoom(fd: number, zeros: Uint8Array, position: number): Promise<void>;
}

/** Made room ahead of what is written, so that a write changes nothing but the bytes it writes. */
const AHEAD_BYTES = 2 << 20;
const ROOM = new Uint8Array(4 << 20);
/** Left free for writes while the first room of a new file is made: they are slower, but need not wait. */
const GAP_BYTES = 1 << 20;

interface RoomInMaking {
	readonly from: number;
	readonly done: Promise<void>;
}

/**
 * The end of a segment. What is written is durable when it resolves: the file is opened with O_DSYNC,
 * and the writing is done by the runtime's thread pool, never by this thread. One write at a time.
 */
export class SegmentWriter {
	/** Where the next write goes: everything before it is durable. */
	position: number;
	private readonly disk: Disk;
	private readonly fd: number;
	/** The same file without O_DSYNC, to make room. */
	private readonly roomFd: number;
	/** The file is zeros from `position` to there, on the disk but for a gap. */
	private roomEnd: number;
	private makingRoom: RoomInMaking | null = null;
	/** What stands after `position` is not known: a write has failed. */
	private torn = false;

	/** @param position where the segment ends; what the file has after it is cut off */
	constructor(
		path: string,
		position: number,
		disk: Disk = machineDisk,
		openFile: OpenFile = openSync,
	) {
		this.disk = disk;
		this.fd = openFile(path, constants.O_RDWR | constants.O_DSYNC);
		try {
			this.roomFd = openFile(path, constants.O_RDWR);
		} catch (error) {
			closeSync(this.fd);
			throw error;
		}
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
		const room = this.makingRoom;
		// Zeros must not come after what is written.
		const overlaps = room !== null && this.position + bytes.length > room.from;
		if (overlaps || this.torn) await room?.done;
		if (this.torn) this.cut();
		this.torn = true;
		let done = 0;
		while (done < bytes.length) {
			done += await this.disk.write(this.fd, bytes.subarray(done), this.position + done);
		}
		this.torn = false;
		this.position += bytes.length;
		this.roomEnd = Math.max(this.roomEnd, this.position);
		this.makeRoom();
	}

	/** Leaves the file as long as what was written. */
	async close(): Promise<void> {
		await this.makingRoom?.done;
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
		const from = Math.max(this.roomEnd, this.position + GAP_BYTES);
		const made = (isMade: boolean): void => {
			this.makingRoom = null;
			if (isMade) this.roomEnd = from + ROOM.length;
		};
		const done = this.disk.makeRoom(this.roomFd, ROOM, from).then(
			() => made(true),
			() => made(false),
		);
		this.makingRoom = { from, done };
	}
}

/** The machine's, by the runtime's thread pool. */
export const machineDisk: Disk = {
	write: writeSome,
	async makeRoom(fd, zeros, position) {
		const count = await writeSome(fd, zeros, position);
		if (count < zeros.length) throw new Error("the disk has no room");
		await new Promise<void>((resolve, reject) => {
			fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
		});
	},
};

function writeSome(fd: number, bytes: Uint8Array, position: number): Promise<number> {
	return new Promise((resolve, reject) => {
		write(fd, bytes, 0, bytes.length, position, (error, count) =>
			error === null ? resolve(count) : reject(error),
		);
	});
}
