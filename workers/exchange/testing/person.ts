/** Somebody at the exchange's page: JSON calls with the cookie that was set, as a browser sends it. */
export class Person {
	readonly url: string;
	cookie = "";

	constructor(url: string) {
		this.url = url;
	}

	async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
		const response = await fetch(`${this.url}${path}`, {
			method,
			headers: {
				...(this.cookie !== "" && { cookie: this.cookie }),
				...(body !== undefined && { "content-type": "application/json" }),
				origin: this.url,
				...headers,
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const set = response.headers.get("set-cookie") ?? "";
		if (set !== "") this.cookie = set.split(";")[0] ?? "";
		// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
		return { status: response.status, set, body: (await response.json()) as any };
	}

	signUp(email: string, password: string) {
		return this.call("POST", "/auth/sign-up", { email, password });
	}

	signIn(email: string, password: string, more: object = {}) {
		return this.call("POST", "/auth/sign-in", { email, password, ...more });
	}
}
