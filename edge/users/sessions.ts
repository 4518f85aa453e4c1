import type { Clock } from "../../schemas/ports/clock.ts";
import type { Signatures } from "../../schemas/ports/crypto.ts";
import type { KeyValue } from "../../schemas/ports/key-value.ts";
import type { Random } from "../../schemas/ports/random.ts";
import { randomText } from "../../schemas/random-text.ts";
import type { EdgeSettings } from "../settings.ts";

export interface Session {
	readonly userId: number;
	readonly createdAtMs: number;
	readonly endsAtMs: number;
	/** What the user's sessions of one time have in common: those of another have ended. */
	readonly era: string;
}

/** 43 letters and digits carry 256 bits. */
const TOKEN_LENGTH = 43;
const TOKEN = /^[A-Za-z0-9]{43}$/;
/** Never the same again, so that no ended era comes back. */
const ERA_LENGTH = 22;
/** How much of the idle time may pass before a use is written down. */
const SEEN_PRECISION = 30;

interface Sources {
	readonly keyValue: KeyValue;
	readonly signatures: Signatures;
	readonly random: Random;
	readonly clock: Clock;
	readonly settings: EdgeSettings;
}

/**
 * Sessions of people, by opaque tokens, of which only hashes are stored. A session lives while both
 * its record and its "seen" mark do: a use renews only the mark, so a use at the same moment as the
 * sign-out cannot bring the session back. All sessions of a user end with the era that they name.
 */
export class Sessions {
	private readonly sources: Sources;

	constructor(sources: Sources) {
		this.sources = sources;
	}

	/** A new session and its token, which nothing else ever shows again. */
	async start(userId: number): Promise<{ readonly token: string; readonly session: Session }> {
		const { random, clock, keyValue, settings } = this.sources;
		const token = randomText(random, TOKEN_LENGTH);
		const createdAtMs = clock.nowMs();
		const hash = await this.sources.signatures.sha256(token);
		const era = await this.eraOf(userId);
		const session = { userId, createdAtMs, endsAtMs: createdAtMs + settings.sessionLifeMs, era };
		await keyValue.set(`session:${hash}`, JSON.stringify(session), settings.sessionLifeMs);
		await this.markSeen(hash);
		return { token, session };
	}

	/** null when there is none, or it was idle or alive for too long. */
	async find(token: string): Promise<Session | null> {
		if (!TOKEN.test(token)) return null;
		const { keyValue, clock, settings } = this.sources;
		const hash = await this.sources.signatures.sha256(token);
		const stored = await keyValue.get(`session:${hash}`);
		const seenAt = await keyValue.get(`session-seen:${hash}`);
		if (stored === null || seenAt === null) return null;
		const session = JSON.parse(stored) as Session;
		const nowMs = clock.nowMs();
		const idleMs = nowMs - Number(seenAt);
		if (nowMs >= session.endsAtMs || idleMs >= settings.sessionIdleMs) return null;
		if ((await keyValue.get(eraKey(session.userId))) !== session.era) return null;
		// A mark of a time to come is of a clock that has been set back: it would be renewed too late.
		if (Math.abs(idleMs) > settings.sessionIdleMs / SEEN_PRECISION) await this.markSeen(hash);
		return session;
	}

	async end(token: string): Promise<void> {
		if (!TOKEN.test(token)) return;
		const hash = await this.sources.signatures.sha256(token);
		await this.sources.keyValue.delete(`session:${hash}`);
		await this.sources.keyValue.delete(`session-seen:${hash}`);
	}

	/** Ends every session of this user. One that begins at this moment may be ended, too. */
	async endAll(userId: number): Promise<void> {
		await this.sources.keyValue.delete(eraKey(userId));
	}

	/** The user's running era, which now outlives a session that begins; a new one where there is none. */
	private async eraOf(userId: number): Promise<string> {
		const { keyValue, random, settings } = this.sources;
		const key = eraKey(userId);
		const running = await keyValue.get(key);
		if (running !== null && (await keyValue.renew(key, settings.sessionLifeMs))) return running;
		const fresh = randomText(random, ERA_LENGTH);
		if (await keyValue.replace(key, null, fresh, settings.sessionLifeMs)) return fresh;
		// Another session began at the same moment.
		return (await keyValue.get(key)) ?? fresh;
	}

	private async markSeen(hash: string): Promise<void> {
		const { keyValue, clock, settings } = this.sources;
		const nowMs = String(clock.nowMs());
		await keyValue.set(`session-seen:${hash}`, nowMs, settings.sessionIdleMs);
	}
}

function eraKey(userId: number): string {
	return `session-era:${userId}`;
}
