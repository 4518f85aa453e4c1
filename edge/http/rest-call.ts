import type { TimeUnit } from "../../schemas/api/time-unit.ts";
import { queryOf } from "../../schemas/api/url-parts.ts";
import type { Authenticated } from "../auth/signed.ts";
import { Call, type Reply } from "../call.ts";
import { readBody } from "./body.ts";
import { toApiError } from "./errors.ts";
import type { OperationHandler } from "./operation-handler.ts";
import { type ParameterValues, parseParameters, type RequestParameters } from "./parameters.ts";
import { askedTimeUnit, errorInMicroseconds, inMicroseconds } from "./time-unit.ts";

/**
 * One call over REST, from the raw request to the answer, errors included. It goes on at once wherever
 * nothing has to be waited for: of an order call with a known key, that is up to the account worker.
 */
export class RestCall extends Call implements Reply {
	private readonly handler: OperationHandler;
	private readonly request: Request;
	private readonly resolve: (response: Response) => void;
	private readonly startedMs: number;
	private unit: TimeUnit = "MILLISECOND";

	constructor(
		handler: OperationHandler,
		request: Request,
		ip: string,
		resolve: (response: Response) => void,
	) {
		super(handler.parts.services, ip);
		this.handler = handler;
		this.request = request;
		this.resolve = resolve;
		this.startedMs = this.services.clock.monotonicMs();
	}

	begin(): void {
		try {
			this.handler.parts.limits.admit(this.ip);
			this.unit = askedTimeUnit(this.request.headers.get("x-mbx-time-unit"));
			const body = readBody(this.request, this.services.settings.maxBodyBytes);
			if (typeof body === "string") this.takeBody(body);
			else body.then((text) => this.takeBody(text), this.onFailure);
		} catch (error) {
			this.fail(error);
		}
	}

	/** Answers; what could not be written is a failure. */
	succeed(result: unknown): void {
		let response: Response;
		try {
			const text = JSON.stringify(this.inMicroseconds ? inMicroseconds(result) : result);
			response = this.handler.answer(text, this);
		} catch (error) {
			return this.fail(error);
		}
		this.finish(response, 200);
	}

	fail(thrown: unknown): void {
		const { parts, metrics, once } = this.handler;
		if (this.isOfRevokedKey) parts.authenticator.forget(this.apiKey);
		const error = toApiError(thrown, this.services, metrics.name, once);
		if (error.status !== 429 && error.status !== 418 && this.owedOnFailure > 0) {
			parts.limits.chargeFailed(this.ip, this.owedOnFailure);
		}
		const told = this.inMicroseconds ? errorInMicroseconds(error) : error;
		this.finish(this.handler.refusal(told, this), error.status);
	}

	private get inMicroseconds(): boolean {
		return this.unit === "MICROSECOND";
	}

	private readonly onFailure = (error: unknown): void => this.fail(error);

	private takeBody(body: string): void {
		try {
			const parameters = parseParameters(queryOf(this.request.url), body);
			const who = this.authenticate(parameters);
			if (who instanceof Promise) {
				who.then((known) => this.run(known, parameters.values), this.onFailure);
			} else this.run(who, parameters.values);
		} catch (error) {
			this.fail(error);
		}
	}

	private authenticate(parameters: RequestParameters): Authenticated | Promise<Authenticated> {
		const { operation, parts, once } = this.handler;
		const { security } = operation;
		if (security === "none") return this.authenticated;
		const apiKey = this.request.headers.get("x-mbx-apikey") ?? "";
		if (security === "key") return parts.authenticator.known(apiKey, this.ip);
		return parts.authenticator.signed({
			apiKey,
			ip: this.ip,
			values: parameters.values,
			payload: parameters.payload,
			signature: parameters.signature,
			scope: security,
			once,
		});
	}

	private run(who: Authenticated, values: ParameterValues): void {
		this.authenticated = who;
		try {
			this.handler.parts.calls.begin(this, this.handler.operation, values, this);
		} catch (error) {
			this.fail(error);
		}
	}

	private finish(response: Response, status: number): void {
		this.handler.note(this, status, this.services.clock.monotonicMs() - this.startedMs);
		this.resolve(response);
	}
}
