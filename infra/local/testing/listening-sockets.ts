import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A socket that takes connections. */
export interface ListeningSocket {
	/** As the kernel writes it: hexadecimal, each 32 bits in the machine's byte order. */
	readonly address: string;
	readonly port: number;
}

/** 127.0.0.1, the same within IPv6, and ::1, on a little-endian machine. */
export const LOOPBACK_ADDRESSES: readonly string[] = [
	"0100007F",
	"0000000000000000FFFF00000100007F",
	"00000000000000000000000001000000",
];

const LISTENING = "0A";

/** What TCP sockets a process listens on, from the kernel's own tables. Linux only. */
export function listeningSockets(pid: number): ListeningSocket[] {
	const inodes = new Set(
		readdirSync(`/proc/${pid}/fd`).map((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)),
	);
	return ["tcp", "tcp6"].flatMap((table) =>
		readFileSync(`/proc/${pid}/net/${table}`, "utf8")
			.split("\n")
			.slice(1)
			.map((line) => line.trim().split(/\s+/))
			.filter((row) => row[3] === LISTENING && inodes.has(row[9] as string))
			.map((row) => {
				const [address, port] = (row[1] as string).split(":") as [string, string];
				return { address, port: Number.parseInt(port, 16) };
			}),
	);
}

function inodeOf(fd: string): string {
	try {
		return /^socket:\[(\d+)\]$/.exec(readlinkSync(fd))?.[1] ?? "";
	} catch {
		// Closed since the folder was read.
		return "";
	}
}
