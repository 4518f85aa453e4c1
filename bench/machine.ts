import { cpus, release, totalmem } from "node:os";

/**
 * What a figure was measured on, as lines of Markdown: without them it says nothing.
 *
 * @param command what gives the table again
 */
export function machineTable(command: string): string {
	const [cpu] = cpus();
	const gib = (totalmem() / 2 ** 30).toFixed(0);
	return [
		`- \`${command}\``,
		`- ${new Date().toISOString().slice(0, 16)}Z, commit ${commit()}`,
		`- ${cpus().length} × ${cpu?.model ?? "unknown CPU"}, ${gib} GiB, Linux ${release()}, Bun ${Bun.version}`,
		"",
	].join("\n");
}

/** The commit that is checked out; with "+" when files differ from it. */
function commit(): string {
	const git = (...words: string[]) =>
		Bun.spawnSync(["git", ...words])
			.stdout.toString()
			.trim();
	return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
}
