import type { LogFields, Logger } from "../../../schemas/ports/logger.ts";

export type LogLevel = "info" | "warn" | "error" | "off";

const RANK: Record<LogLevel, number> = { info: 0, warn: 1, error: 2, off: 3 };

/** Lines are gathered for this long, so that a busy second costs one write, not thousands. */
const FLUSH_MS = 20;

/** One JSON object per line, to a file descriptor that takes whole chunks of text. */
export class JsonLogger implements Logger {
	private readonly least: number;
	private readonly write: (text: string) => void;
	private lines: string[] = [];
	private timer: ReturnType<typeof setTimeout> | null = null;
	/** The last moment written, ms, and its text: a busy venue writes many lines in each. */
	private atMs = 0;
	private atText = "";

	constructor(level: LogLevel, write: (text: string) => void) {
		this.least = RANK[level];
		this.write = write;
	}

	info(message: string, fields?: LogFields): void {
		this.line("info", message, fields);
	}

	warn(message: string, fields?: LogFields): void {
		this.line("warn", message, fields);
	}

	error(message: string, fields?: LogFields): void {
		this.line("error", message, fields);
	}

	/** Writes what is gathered; call it before the process ends. */
	flush(): void {
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		if (this.lines.length === 0) return;
		const text = `${this.lines.join("\n")}\n`;
		this.lines = [];
		this.write(text);
	}

	private line(level: LogLevel, message: string, fields: LogFields = {}): void {
		if (RANK[level] < this.least) return;
		// Put together from texts, for that is cheaper than an object of all of it. A field by the name of
		// what is the line's own does not override it.
		const clash = "time" in fields || "level" in fields || "message" in fields;
		const rest = JSON.stringify(clash ? withoutOwn(fields) : fields);
		const head = `{"time":"${this.now()}","level":"${level}","message":${JSON.stringify(message)}`;
		this.lines.push(rest === "{}" ? `${head}}` : `${head},${rest.slice(1)}`);
		this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
	}

	private now(): string {
		const nowMs = Date.now();
		if (nowMs !== this.atMs) {
			this.atMs = nowMs;
			this.atText = new Date(nowMs).toISOString();
		}
		return this.atText;
	}
}

function withoutOwn(fields: LogFields): LogFields {
	const own = ["time", "level", "message"];
	return Object.fromEntries(Object.entries(fields).filter(([name]) => !own.includes(name)));
}
