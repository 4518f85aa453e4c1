import { join } from "node:path";
import { startEmbeddedPostgres } from "../../db/ledger/embedded/embedded-postgres.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { startDynamoDb } from "../local/dynamodb-local.ts";
import { endsWithUs } from "../local/ends-with-us.ts";
import { LOOPBACK } from "../local/free-port.ts";
import type { Say } from "../local/install-cache.ts";
import { startKafka } from "../local/kafka.ts";
import { lastingPorts } from "../local/lasting-ports.ts";
import type { BegunServer, LocalServer } from "../local/local-server.ts";
import { startRedis } from "../local/redis.ts";
import {
	LOCAL_S3_ACCESS_KEY,
	LOCAL_S3_REGION,
	LOCAL_S3_SECRET_KEY,
	startS3,
} from "../local/versitygw.ts";
import type { PartSpec } from "./part.ts";

/** What the processes of a stack find their servers by. */
export type ServersEnvironment = Readonly<Record<string, string>>;

/** The five servers, not yet started. */
export interface ServerSpecs {
	readonly specs: readonly PartSpec[];
	readonly environment: ServersEnvironment;
}

/** Like the keys of the local S3: nothing but this machine can reach the server. */
const LOCAL_POSTGRES_PASSWORD = "castle-local-postgres";

/**
 * Kafka, PostgreSQL, Redis, DynamoDB and S3, each in a folder of its own and on a port that stays, so that
 * one that died is found again where it was.
 *
 * @param folder a data folder: PostgreSQL's user is let in, as in the embedded form
 * @param say told what is downloaded or built
 */
export async function serverSpecs(folder: string, say: Say, logger: Logger): Promise<ServerSpecs> {
	const ports = (await lastingPorts(5)) as [number, number, number, number, number];
	const [kafka, postgres, redis, dynamodb, s3] = ports;
	const at = (name: string, port: number) => ({ folder: join(folder, "servers", name), port, say });
	return {
		specs: [
			spec("kafka", kafka, () => startKafka(at("kafka", kafka))),
			spec("postgres", postgres, () => startPostgres(folder, postgres, logger)),
			spec("redis", redis, () => startRedis(at("redis", redis))),
			// What it holds is worked out again from Kafka; on the disk it would take 100 writes a second.
			spec("dynamodb", dynamodb, () =>
				startDynamoDb({ ...at("dynamodb", dynamodb), durable: false }),
			),
			spec("s3", s3, () => startS3(at("s3", s3))),
		],
		environment: {
			KAFKA_BROKERS: `${LOOPBACK}:${kafka}`,
			REPLICAS: "1",
			POSTGRES_HOST: LOOPBACK,
			POSTGRES_PORT: `${postgres}`,
			POSTGRES_USER: "castle",
			POSTGRES_PASSWORD: LOCAL_POSTGRES_PASSWORD,
			REDIS_HOST: LOOPBACK,
			REDIS_PORT: `${redis}`,
			AWS_REGION: LOCAL_S3_REGION,
			AWS_ACCESS_KEY_ID: LOCAL_S3_ACCESS_KEY,
			AWS_SECRET_ACCESS_KEY: LOCAL_S3_SECRET_KEY,
			DYNAMODB_ENDPOINT: `http://${LOOPBACK}:${dynamodb}`,
			S3_ENDPOINT: `http://${LOOPBACK}:${s3}`,
		},
	};
}

/** A server that answers as soon as its start says so. */
function spec(name: string, port: number, start: () => Promise<LocalServer>): PartSpec {
	const begin = async (): Promise<BegunServer> => ({
		server: await start(),
		answers: Promise.resolve(),
	});
	return { name, port, begin };
}

async function startPostgres(dataDir: string, port: number, logger: Logger): Promise<LocalServer> {
	const loopback = { port, password: LOCAL_POSTGRES_PASSWORD };
	let runs = true;
	let told = (_how: string): void => {};
	const onEnd = (): void => {
		runs = false;
		told("died");
	};
	const launcher = endsWithUs("QUIT");
	const server = await startEmbeddedPostgres({ dataDir, logger, loopback, launcher, onEnd });
	return {
		name: "postgres",
		get pid() {
			return server.pid;
		},
		port,
		logFile: join(dataDir, "postgres", "server.log"),
		isRunning: () => runs,
		onEnd(tell) {
			told = tell;
		},
		async stop() {
			runs = false;
			await server.stop();
		},
	};
}

/** Servers that run, for stacks that share them. */
export interface RunningServers {
	readonly environment: ServersEnvironment;
	stop(): Promise<void>;
}

/** Starts all five, once, for whoever needs no more of them than that they run. */
export async function startServers(
	folder: string,
	say: Say,
	logger: Logger,
): Promise<RunningServers> {
	const { specs, environment } = await serverSpecs(folder, say, logger);
	const begun = await Promise.allSettled(specs.map((one) => one.begin()));
	const running = begun.flatMap((one) => (one.status === "fulfilled" ? [one.value.server] : []));
	const stop = async (): Promise<void> => {
		await Promise.all(running.map((server) => server.stop()));
	};
	const failed = begun.find((one) => one.status === "rejected");
	if (failed === undefined) return { environment, stop };
	await stop();
	throw failed.reason;
}
