/**
 * End-to-end tests that are about the exchange in one process, with its data folder and its PostgreSQL,
 * and say nothing about one of many processes. All others run on both, unchanged. By file, with the reason.
 */
export const ONE_PROCESS_TESTS: Readonly<Record<string, string>> = {
	"workers/exchange/start-stop.e2e.test.ts":
		"starting, refusing and going on with one data folder, its files and its PostgreSQL",
	"workers/exchange/kill.e2e.test.ts":
		"kill -9 of the one process; the stack's own are workers/exchange/stack-kills.servers.test.ts",
	"workers/exchange/long-log.e2e.test.ts":
		"how soon the one process has replayed a million commands of its file log",
	"workers/exchange/log-retention.e2e.test.ts":
		"the files of the one process' log; Kafka keeps its topics until somebody trims them",
	"workers/exchange/ledger-restored.e2e.test.ts":
		"a copy of the one process' PostgreSQL put back; servers have backups of their own",
	"workers/exchange/recover-audited.e2e.test.ts":
		"a command that is left in the one process' file log",
	"workers/exchange/full-disk.e2e.test.ts":
		"the disk of the one process' data folder; the disks of a stack's log are Kafka's to watch",
};
