/**
 * Runs in the browser: shows the document, and signs what is sent from it. Key and secret are read from
 * the bar when a call goes out and are kept nowhere else.
 */
export const DOCS_SCRIPT = `
const keyInput = document.getElementById("api-key");
const secretInput = document.getElementById("secret");
const state = document.getElementById("signing-state");
const encoder = new TextEncoder();

document.getElementById("signing").addEventListener("submit", (event) => event.preventDefault());
for (const input of [keyInput, secretInput]) input.addEventListener("input", showState);

function showState() {
	const signs = keyInput.value.trim() !== "" && secretInput.value.trim() !== "";
	state.textContent = signs ? "Calls are signed" : "Open calls only";
	state.classList.toggle("on", signs);
	if (signs && !globalThis.isSecureContext) {
		state.textContent = "Signing needs https or localhost";
		state.classList.remove("on");
	}
}

async function hmacHex(secret, payload) {
	const { subtle } = globalThis.crypto;
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = await subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
	const bytes = new Uint8Array(await subtle.sign("HMAC", key, encoder.encode(payload)));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const dark = globalThis.matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", showScheme);
showScheme();

/** The viewer's dark side hangs on a class. */
function showScheme() {
	document.documentElement.classList.toggle("dark-mode", dark.matches);
}

const response = await fetch("/openapi.json");
const spec = await response.json();
const securityOf = new Map();
for (const [path, calls] of Object.entries(spec.paths)) {
	for (const [method, call] of Object.entries(calls)) {
		securityOf.set(method.toUpperCase() + " " + path, call["x-security"]);
		// The page adds these itself.
		call.parameters = call.parameters.filter((parameter) => !parameter["x-signing"]);
		// Else the viewer shows a lock that opens nothing.
		delete call.security;
	}
}
delete spec.components.securitySchemes;

async function signed(request) {
	const url = new URL(request.url, location.href);
	const security = securityOf.get(request.method.toUpperCase() + " " + url.pathname);
	// Of a session the browser sends the cookie.
	if (security === undefined || security === "none" || security === "session") return request;
	const key = keyInput.value.trim();
	if (key !== "") request.headers["X-MBX-APIKEY"] = key;
	if (security === "key") return request;
	url.searchParams.set("timestamp", String(Date.now()));
	const payload = url.searchParams.toString();
	// What cannot be signed goes out unsigned: the answer says what is missing, and the viewer can show it.
	const secret = secretInput.value.trim();
	const canSign = secret !== "" && globalThis.isSecureContext;
	url.search = canSign ? payload + "&signature=" + (await hmacHex(secret, payload)) : payload;
	request.url = url.href;
	return request;
}

globalThis.ui = globalThis.SwaggerUIBundle({
	spec,
	domNode: document.getElementById("viewer"),
	deepLinking: true,
	docExpansion: "list",
	defaultModelsExpandDepth: -1,
	displayRequestDuration: true,
	filter: true,
	tryItOutEnabled: true,
	validatorUrl: null,
	requestInterceptor: signed,
});
`;
