import type { TimeUnit } from "../../schemas/api/time-unit.ts";
import type { OrderCount } from "../../schemas/ports/account-service.ts";
import type { Cancel } from "../../schemas/ports/scheduler.ts";
import type { Scope } from "../../schemas/ports/users.ts";
import { NO_ID } from "../../schemas/request-id.ts";
import { ApiError } from "../api-error.ts";
import { type Authenticated, NOBODY } from "../auth/signed.ts";
import { Call, changesOrders, SESSION_WEIGHT } from "../call.ts";
import { mandatory, toApiError } from "../http/errors.ts";
import { errorInMicroseconds, inMicroseconds } from "../http/time-unit.ts";
import type { Operation } from "../operation.ts";
import { Heartbeat } from "./heartbeat.ts";
import { checkLogon, type Logon } from "./logon.ts";
import { errorReply, orderState, type RateLimitState, resultReply, weightState } from "./reply.ts";
import { BadRequest, readRequest, type WsRequest } from "./request.ts";
import type { SessionParts } from "./session-parts.ts";
import { type SessionOptions, WS_API_PATH, type WsApiSession, type WsSocket } from "./socket.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What was begun: its result, and what is to be done once the answer has gone out. */
interface Begun {
	readonly answer: Promise<unknown>;
	readonly afterReply?: () => void;
}

type SessionMethod = (session: Session, call: Call, request: WsRequest) => Promise<Begun>;

const LIFE_MS = 86_400_000;

/**
 * One connection to /ws-api/v3. Requests are begun one after the other, in the order they came, so
 * that a logon counts for what was sent after it; their answers go out as they come.
 */
export class Session implements WsApiSession {
	private readonly parts: SessionParts;
	private readonly socket: WsSocket;
	private readonly ip: string;
	private readonly connectedAtMs: number;
	private readonly showsLimits: boolean;
	private readonly unit: TimeUnit;
	private readonly subscriptions: Subscriptions;
	private readonly onClosed: (session: Session) => void;
	private readonly cancelEnd: Cancel;
	private readonly heartbeat: Heartbeat;
	private logon: Logon | null = null;
	/** Resolves when everything that came so far has begun. */
	private begun: Promise<void> = Promise.resolve();
	private pending = 0;
	private open = true;
	/** Why it takes nothing more; null while it does. */
	private leavesFor: string | null = null;

	constructor(
		parts: SessionParts,
		socket: WsSocket,
		ip: string,
		options: SessionOptions,
		onClosed: (session: Session) => void,
	) {
		this.parts = parts;
		this.socket = socket;
		this.ip = ip;
		this.onClosed = onClosed;
		const { services, authenticator, hub } = parts;
		this.connectedAtMs = services.clock.nowMs();
		this.showsLimits = options.showsLimits;
		this.unit = options.unit;
		const send = (text: string) => this.send(text);
		this.subscriptions = new Subscriptions(services, authenticator, hub, this.unit, ip, send);
		const { clock, scheduler, random } = services;
		this.cancelEnd = scheduler.after(LIFE_MS, () => this.leave("24 hours"));
		this.heartbeat = new Heartbeat(clock, scheduler, random, socket.heart);
	}

	receive(text: string): void {
		if (!this.open) return;
		const { settings } = this.parts.services;
		if (text.length > settings.maxFrameBytes) {
			this.socket.close(1009, "frame too large");
			return;
		}
		const request = readRequest(text);
		if (request instanceof BadRequest) {
			this.refuse(request);
		} else if (this.leavesFor !== null) {
			const gone = "This service is no longer available.";
			this.refuse(new BadRequest(request.id, new ApiError(-1016, gone, 503)));
		} else if (this.pending >= settings.maxPendingPerConnection) {
			const busy = "Server is currently overloaded with other requests.";
			const error = new ApiError(-1008, busy, 429, undefined, 1_000);
			this.refuse(new BadRequest(request.id, error));
		} else {
			this.pending++;
			this.begun = this.begun.then(() => this.begin(request));
		}
	}

	pong(payload: string): void {
		this.heartbeat.pong(payload);
	}

	closed(): void {
		if (!this.open) return;
		this.open = false;
		this.cancelEnd();
		this.heartbeat.stop();
		this.subscriptions.stopAll();
		this.onClosed(this);
	}

	/** Tells the client to go elsewhere, takes nothing more, and closes when what it took is answered. */
	leave(reason: string): void {
		if (this.leavesFor !== null) return;
		this.leavesFor = reason;
		const E = this.parts.services.clock.nowMs() * this.perMs();
		this.send(JSON.stringify({ event: { e: "serverShutdown", E } }));
		this.closeWhenAnswered();
	}

	/** Closes, whatever waits for an answer. */
	cut(): void {
		this.socket.close(1001, this.leavesFor ?? "server shutdown");
		this.closed();
	}

	private closeWhenAnswered(): void {
		if (this.open && this.leavesFor !== null && this.pending === 0) this.cut();
	}

	/** A frame that is no request costs like one: it was read. */
	private refuse({ id, error }: BadRequest): void {
		const { limits, services } = this.parts;
		let told = error;
		try {
			limits.admit(this.ip);
			limits.charge(this.ip, 1);
		} catch (refusal) {
			told = toApiError(refusal, services, "ws-api", false);
		}
		this.parts.metricsOf("").observe(told.status, 0);
		this.send(errorReply(id, told, this.limitStates(null, []), services.clock.nowMs()));
	}

	private async begin(request: WsRequest): Promise<void> {
		const startedMs = this.parts.services.clock.monotonicMs();
		const call = new Call(this.parts.services, this.ip);
		try {
			this.parts.limits.admit(this.ip);
			const { answer, afterReply } = await this.start(call, request);
			answer.then(
				(result) => {
					this.succeed(call, request, result, startedMs);
					afterReply?.();
				},
				(error: unknown) => this.fail(call, request, error, startedMs),
			);
		} catch (error) {
			this.fail(call, request, error, startedMs);
		}
	}

	private async start(call: Call, request: WsRequest): Promise<Begun> {
		const own = SESSION_METHODS.get(request.method);
		if (own !== undefined) {
			call.owedOnFailure = 0;
			this.parts.limits.charge(this.ip, SESSION_WEIGHT);
			return await own(this, call, request);
		}
		const operation = this.parts.operations.get(request.method);
		if (operation === undefined) {
			throw new ApiError(-1020, "This operation is not supported.");
		}
		call.authenticated = await this.authenticate(operation, request);
		const answer = this.parts.calls.run(call, operation, request.values);
		return { answer: changesOrders(operation) ? this.afterEvents(call, answer) : answer };
	}

	/** What an order did is told before its answer, also where events come another way than answers. */
	private async afterEvents(call: Call, answer: Promise<unknown>): Promise<unknown> {
		try {
			return await answer;
		} finally {
			await this.subscriptions.caughtUp(call.authenticated.caller.userId);
		}
	}

	private async authenticate(operation: Operation, request: WsRequest): Promise<Authenticated> {
		const { security } = operation;
		if (security === "none") return NOBODY;
		if (this.logon !== null && isBare(request)) {
			return await this.bySession(this.logon, request, security === "key" ? null : security);
		}
		if (security === "key") {
			return await this.parts.authenticator.known(apiKeyOf(request), this.ip);
		}
		return await this.signed(request, security, changesOrders(operation));
	}

	private signed(
		request: WsRequest,
		scope: Scope,
		once: boolean,
	): Authenticated | Promise<Authenticated> {
		const { values, payload, signature } = request;
		const apiKey = apiKeyOf(request);
		return this.parts.authenticator.signed({
			...{ apiKey, ip: this.ip, values, payload, signature, scope, once },
		});
	}

	/** @param scope null where a known key is enough */
	private async bySession(
		logon: Logon,
		request: WsRequest,
		scope: Scope | null,
	): Promise<Authenticated> {
		const { authenticator } = this.parts;
		try {
			await authenticator.stillUsable(logon.apiKey, this.ip);
		} catch (error) {
			if (error instanceof ApiError) throw this.loseLogon(error);
			throw error;
		}
		return scope === null
			? await authenticator.known(logon.apiKey, this.ip)
			: await authenticator.loggedOn(logon.apiKey, this.ip, request.values, scope);
	}

	private loseLogon(error: ApiError): LogonLost {
		this.logon = null;
		this.subscriptions.endOfSession();
		return new LogonLost(error);
	}

	private succeed(call: Call, request: WsRequest, result: unknown, startedMs: number): void {
		const shown = this.unit === "MICROSECOND" ? inMicroseconds(result) : result;
		this.send(resultReply(request.id, shown, this.limitStates(request, call.orderCounts)));
		this.finish(call, request, 200, startedMs);
	}

	private fail(call: Call, request: WsRequest, thrown: unknown, startedMs: number): void {
		const { services, limits, authenticator, operations } = this.parts;
		if (call.isOfRevokedKey) authenticator.forget(call.apiKey);
		const operation = operations.get(request.method);
		const maybeDone = operation !== undefined && changesOrders(operation);
		const error = toApiError(thrown, services, `ws ${request.method}`, maybeDone);
		if (error.status !== 429 && error.status !== 418) {
			limits.chargeFailed(this.ip, call.owedOnFailure);
		}
		const told = this.unit === "MICROSECOND" ? errorInMicroseconds(error) : error;
		const states = this.limitStates(request, call.orderCounts);
		const id = error instanceof LogonLost ? NO_ID : request.id;
		this.send(errorReply(id, told, states, services.clock.nowMs()));
		this.finish(call, request, error.status, startedMs);
	}

	private finish(call: Call, request: WsRequest, status: number, startedMs: number): void {
		this.pending--;
		const ms = this.parts.services.clock.monotonicMs() - startedMs;
		const metrics = this.parts.metricsOf(request.method);
		metrics.observe(status, ms);
		this.parts.log.write({
			...{ method: "WS", path: WS_API_PATH, operation: metrics.name },
			status,
			ms,
			ip: this.ip,
			authenticated: call.authenticated,
			outcome: call.outcome,
		});
		this.closeWhenAnswered();
	}

	private limitStates(
		request: WsRequest | null,
		orders: readonly OrderCount[],
	): readonly RateLimitState[] | null {
		const wanted = request?.values["returnRateLimits"];
		if (wanted === undefined ? !this.showsLimits : wanted === "false") return null;
		const { limits, services } = this.parts;
		const used = limits.usedWeight(this.ip);
		return [...orders.map(orderState), weightState(services.settings.requestWeightPerMinute, used)];
	}

	private send(text: string): void {
		if (this.open) this.socket.send(text);
	}

	private perMs(): number {
		return this.unit === "MICROSECOND" ? 1_000 : 1;
	}

	/** session.logon */
	async logOn(call: Call, request: WsRequest): Promise<Begun> {
		const { values, payload, signature } = request;
		call.authenticated = await checkLogon(this.parts.authenticator, {
			apiKey: apiKeyOf(request),
			ip: this.ip,
			values,
			payload,
			signature,
			scope: "read",
			once: false,
		});
		const { apiKey } = call.authenticated;
		if (this.logon !== null && this.logon.apiKey !== apiKey) this.subscriptions.endOfSession();
		this.logon = { apiKey, sinceMs: this.parts.services.clock.nowMs() };
		return this.status();
	}

	/** session.status */
	async status(): Promise<Begun> {
		return now({
			apiKey: this.logon?.apiKey ?? null,
			authorizedSince: this.logon?.sinceMs ?? null,
			connectedSince: this.connectedAtMs,
			returnRateLimits: this.showsLimits,
			serverTime: this.parts.services.clock.nowMs(),
			userDataStream: this.subscriptions.active,
		});
	}

	/** session.logout */
	async logOut(): Promise<Begun> {
		this.logon = null;
		this.subscriptions.endOfSession();
		return this.status();
	}

	/** userDataStream.subscribe: by the session's key. */
	async subscribe(call: Call, request: WsRequest): Promise<Begun> {
		if (this.logon === null) throw new ApiError(-1102, "Log on first: session.logon.", 401);
		call.authenticated = await this.bySession(this.logon, request, null);
		return this.subscribed(call.authenticated, true);
	}

	/** userDataStream.subscribe.signature: by any key, signed. */
	async subscribeSigned(call: Call, request: WsRequest): Promise<Begun> {
		call.authenticated = await this.signed(request, "read", false);
		return this.subscribed(call.authenticated, false);
	}

	/** userDataStream.unsubscribe: one, or all. */
	async unsubscribe(request: WsRequest): Promise<Begun> {
		const id = request.values["subscriptionId"];
		if (id !== undefined && !/^\d{1,9}$/.test(id)) throw mandatory("subscriptionId");
		this.subscriptions.drop(id === undefined ? null : Number(id));
		return now({});
	}

	/** session.subscriptions */
	async listSubscriptions(): Promise<Begun> {
		return now(this.subscriptions.list());
	}

	private subscribed({ caller, apiKey }: Authenticated, ofSession: boolean): Begun {
		const added = this.subscriptions.add(caller.userId, apiKey, ofSession);
		return {
			answer: added.then(({ id }) => ({ subscriptionId: id })),
			afterReply: () => void added.then((subscription) => subscription.begin()),
		};
	}
}

/** The key was revoked since the logon: the client is told with id null, as nobody's request. */
class LogonLost extends ApiError {
	constructor(cause: ApiError) {
		super(cause.code, cause.message, cause.status);
	}
}

const SESSION_METHODS: ReadonlyMap<string, SessionMethod> = new Map<string, SessionMethod>([
	["session.logon", (session, call, request) => session.logOn(call, request)],
	["session.status", (session) => session.status()],
	["session.logout", (session) => session.logOut()],
	["session.subscriptions", (session) => session.listSubscriptions()],
	["userDataStream.subscribe", (session, call, request) => session.subscribe(call, request)],
	[
		"userDataStream.subscribe.signature",
		(session, call, request) => session.subscribeSigned(call, request),
	],
	["userDataStream.unsubscribe", (session, _call, request) => session.unsubscribe(request)],
]);

function now(result: unknown): Begun {
	return { answer: Promise.resolve(result) };
}

/** True when the request leans on the session's key. */
function isBare(request: WsRequest): boolean {
	return request.signature === "" && request.values["apiKey"] === undefined;
}

function apiKeyOf(request: WsRequest): string {
	return request.values["apiKey"] ?? "";
}

/** The names of the session's own methods, for the metrics. */
export const SESSION_METHOD_NAMES: readonly string[] = [...SESSION_METHODS.keys()];
