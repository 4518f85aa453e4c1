import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/**
 * A client in C, compiled for this machine when a benchmark begins: it shares the machine with what it
 * measures, so it must cost next to nothing.
 */
export class CProgram {
	readonly path: string;
	private readonly folder: string;

	/** @throws Error when this machine has no C compiler, or it refuses the source */
	constructor(source: string) {
		const compiler = Bun.which("cc") ?? Bun.which("gcc") ?? Bun.which("clang");
		if (compiler === null) {
			throw new Error(
				`${basename(source)} needs a C compiler: this machine has no cc, gcc or clang`,
			);
		}
		this.folder = mkdtempSync(join(tmpdir(), "castle-bench-"));
		this.path = join(this.folder, basename(source, ".c"));
		const made = Bun.spawnSync([compiler, "-O3", "-march=native", "-o", this.path, source]);
		if (made.exitCode !== 0) throw new Error(`${basename(source)}: ${made.stderr.toString()}`);
	}

	dispose(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
