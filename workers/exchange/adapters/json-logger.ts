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
		const time = new Date().toISOString();
		// Twice: first in the line, and not to be overridden by a field of the same name.
		const own = { time, level, message };
		this.lines.push(JSON.stringify({ ...own, ...fields, ...own }));
		this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
	}
}
