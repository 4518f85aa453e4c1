/**
 * Runs in the browser: keeps the table of markets current from the mini tickers of all of them, and what the exchange
 * says of itself and its markets' states from the page as it is by then.
 */
export const LANDING_SCRIPT = `
const rows = new Map();
for (const row of document.querySelectorAll("[data-symbol]")) rows.set(row.dataset.symbol, row);

const state = document.querySelector(".state");
let said;
let heard = true;

/** What the exchange said last; while nothing is heard, only that. */
function showState() {
	state.textContent = heard ? said.text : "Connection lost";
	state.className = heard ? said.names : "state off";
}

/** From a page that has just come. */
function take(page) {
	const { textContent, className } = page.querySelector(".state");
	said = { text: textContent, names: className };
	showState();
	for (const row of page.querySelectorAll("[data-symbol]")) {
		const shown = rows.get(row.dataset.symbol)?.querySelector(".takes");
		if (shown !== undefined) shown.textContent = row.querySelector(".takes").textContent;
	}
}

async function refresh() {
	if (document.hidden) return;
	const reply = await fetch("/");
	if (reply.ok) take(new DOMParser().parseFromString(await reply.text(), "text/html"));
}

/** One that fails changes nothing: the next one comes soon. */
function refreshed() {
	return refresh().catch(() => {});
}

function shortened(text) {
	return text.replace(/(\\.\\d\\d\\d*?)0+$/, "$1");
}

function show(ticker) {
	const row = rows.get(ticker.s);
	if (row === undefined || Number(ticker.c) === 0) return;
	const last = row.querySelector(".last");
	const before = Number(last.textContent);
	last.textContent = shortened(ticker.c);
	const tone = Number(ticker.c) > before ? "rose" : Number(ticker.c) < before ? "fell" : "";
	last.className = "last";
	void last.offsetWidth;
	if (tone !== "") last.classList.add(tone);
	const open = Number(ticker.o);
	const percent = open === 0 ? 0 : ((Number(ticker.c) - open) / open) * 100;
	const change = row.querySelector(".change");
	change.textContent = percent.toFixed(3).replace(/^-(0\\.0+)$/, "$1") + " %";
	change.className = percent < 0 ? "change down" : percent > 0 ? "change up" : "change";
	row.querySelector(".volume").firstChild.textContent = shortened(ticker.v) + " ";
}

function connect(waitMs) {
	const scheme = location.protocol === "https:" ? "wss://" : "ws://";
	const names = [...rows.keys()].map((symbol) => symbol.toLowerCase() + "@miniTicker");
	const socket = new WebSocket(scheme + location.host + "/stream?streams=" + names.join("/"));
	socket.onmessage = (message) => show(JSON.parse(message.data).data);
	socket.onopen = () => {
		heard = true;
		showState();
		void refreshed();
	};
	socket.onclose = () => {
		heard = false;
		showState();
		setTimeout(connect, waitMs, Math.min(waitMs * 2, 60000));
	};
}

take(document);
setInterval(refreshed, 10000);
if (rows.size > 0) connect(2000);
`;
