/** The loopback address, for processes that share the server; nobody gets in without the password. */
export interface LoopbackPort {
	readonly port: number;
	/** Of the database's superuser. */
	readonly password: string;
}

/**
 * How the embedded server runs: small, silent on the network unless it is shared, durable. The same words, in the same
 * order, each time: a server that a killed run left behind is adopted only if it was started with them.
 */
export function serverWords(
	cluster: string,
	socketDir: string,
	loopback: LoopbackPort | null,
): string[] {
	const settings: Record<string, string> = {
		listen_addresses: loopback === null ? "" : "127.0.0.1",
		...(loopback === null ? {} : { port: `${loopback.port}` }),
		unix_socket_directories: socketDir,
		unix_socket_permissions: "0700",
		fsync: "on",
		synchronous_commit: "on",
		full_page_writes: "on",
		max_connections: loopback === null ? "40" : "300",
		shared_buffers: "64MB",
		max_worker_processes: "1",
		max_parallel_workers: "0",
		max_logical_replication_workers: "0",
		io_method: "sync",
		jit: "off",
		// Nobody replicates from it; less is written ahead.
		wal_level: "minimal",
		max_wal_senders: "0",
		// Bounds what is read again after a kill -9.
		max_wal_size: "128MB",
		min_wal_size: "80MB",
		...(process.platform === "linux" ? { recovery_init_sync_method: "syncfs" } : {}),
		log_checkpoints: "off",
		log_timezone: "UTC",
		timezone: "UTC",
	};
	return [
		"-D",
		cluster,
		...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
	];
}
