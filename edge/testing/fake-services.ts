import type { AccountService } from "../../schemas/ports/account-service.ts";
import type { LogFields, Logger } from "../../schemas/ports/logger.ts";
import type { ApiKey } from "../../schemas/ports/users.ts";
import type { UserEventMessage } from "../../schemas/user-event.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { WebSignatures } from "../auth/web-signatures.ts";
import type { EdgeServices } from "../services.ts";
import { DEFAULT_EDGE_SETTINGS, type EdgeSettings } from "../settings.ts";
import { FakeAuditLog, FakeKeyValue, FakePubSub, FakeUsers } from "./fake-stores.ts";
import { FakeTime } from "./fake-time.ts";

/** Of Binance's documents: the key of the golden vectors. */
export const API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
export const SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

interface LogLine {
	readonly level: "info" | "warn" | "error";
	readonly message: string;
	readonly fields: LogFields;
}

class RecordingLogger implements Logger {
	readonly lines: LogLine[] = [];

	info(message: string, fields: LogFields = {}): void {
		this.lines.push({ level: "info", message, fields });
	}

	warn(message: string, fields: LogFields = {}): void {
		this.lines.push({ level: "warn", message, fields });
	}

	error(message: string, fields: LogFields = {}): void {
		this.lines.push({ level: "error", message, fields });
	}
}

/** The services of an edge under test, and what the test looks at. */
export interface FakeServices extends EdgeServices {
	readonly time: FakeTime;
	readonly keyValue: FakeKeyValue;
	readonly pubsub: FakePubSub;
	readonly users: FakeUsers;
	readonly audit: FakeAuditLog;
	readonly logger: RecordingLogger;
	listenKeys: EdgeServices["listenKeys"];
	/** What `fatal` was called with. */
	readonly fatals: unknown[];
	/** Calls of the account service and what is done to listen keys, as text. */
	readonly accountCalls: string[];
	/** Kept user events, as the account worker has them. */
	keptEvents: readonly UserEventMessage[] | null;
	isReady: boolean;
	healthFacts: Readonly<Record<string, string>>;
}

/** Everything in memory; the clock stands at `nowMs`. */
export function fakeServices(
	settings: Partial<EdgeSettings> = {},
	nowMs = 1_700_000_000_000,
): FakeServices {
	const time = new FakeTime(nowMs);
	const fatals: unknown[] = [];
	const accountCalls: string[] = [];
	let seed = 7;
	const services: FakeServices = {
		settings: { ...DEFAULT_EDGE_SETTINGS, ...settings },
		time,
		clock: time,
		scheduler: time,
		keyValue: new FakeKeyValue(time),
		pubsub: new FakePubSub(),
		users: new FakeUsers(),
		audit: new FakeAuditLog(),
		logger: new RecordingLogger(),
		signatures: new WebSignatures(),
		passwords: {
			hash: async (password) => `hash of ${password}`,
			verify: async (password, stored) => stored === `hash of ${password}`,
		},
		secretBox: {
			seal: async (plain) => `sealed ${plain}`,
			open: async (sealed) => sealed.slice("sealed ".length),
		},
		random: {
			bytes(count) {
				const bytes = new Uint8Array(count);
				for (let i = 0; i < count; i++) {
					seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
					bytes[i] = seed >>> 16;
				}
				return bytes;
			},
		},
		fatals,
		fatal: (error) => void fatals.push(error),
		accountCalls,
		keptEvents: [],
		accounts: () => accountService(services),
		marketData: { venue: new VenueConfig() } as Partial<
			EdgeServices["marketData"]
		> as EdgeServices["marketData"],
		orderLog: {} as EdgeServices["orderLog"],
		listenKeys: {
			closeOf: async (userId) => void accountCalls.push(`no listen key of ${userId}`),
		} as Partial<EdgeServices["listenKeys"]> as EdgeServices["listenKeys"],
		isReady: true,
		healthFacts: {},
		health: () => services.healthFacts,
		ready: () => services.isReady,
		metrics: () =>
			'# TYPE process_up gauge\nprocess_up 1\n# TYPE process_up gauge\nprocess_up{of="2"} 1\n',
		asset: async () => null,
	};
	return services;
}

function accountService(services: FakeServices): AccountService {
	return {
		async raiseKeyGeneration(keyId: number, generation: number) {
			services.accountCalls.push(`raise ${keyId} to ${generation}`);
		},
		async setFrozen(userId: number, frozen: boolean) {
			services.accountCalls.push(`${frozen ? "freeze" : "unfreeze"} ${userId}`);
		},
		async userEventsSince() {
			return { epoch: 1, last: null, events: services.keptEvents };
		},
	} as unknown as AccountService;
}

/** Puts a key into the users: the golden HMAC key of user 7, unless told otherwise. */
export function addKey(services: FakeServices, key: Partial<ApiKey> = {}): ApiKey {
	const added: ApiKey = {
		keyId: services.users.keys.length + 1,
		userId: 7,
		apiKey: API_KEY,
		type: "hmac",
		material: `sealed ${SECRET}`,
		label: "test",
		scopes: ["read", "trade"],
		ips: [],
		generation: 1,
		revoked: false,
		createdAtMs: 0,
		...key,
	};
	services.users.keys.push(added);
	return added;
}

/** HMAC-SHA256 in hex, as a client makes it. */
export async function signHmac(payload: string, secret = SECRET): Promise<string> {
	const utf8 = new TextEncoder();
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
	const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(payload));
	return Array.from(new Uint8Array(signature), (b) => b.toString(16).padStart(2, "0")).join("");
}
