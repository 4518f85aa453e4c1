/** Runs in the browser: keeps the table of markets current from the mini tickers of all of them. */
export const LANDING_SCRIPT = `
const rows = new Map();
for (const row of document.querySelectorAll("[data-symbol]")) rows.set(row.dataset.symbol, row);

const state = document.querySelector(".state");
const atFirst = { text: state.textContent, names: state.className };

/** What stood there when the page came; while nothing is heard, only that. */
function showHeard(heard) {
	state.textContent = heard ? atFirst.text : "Connection lost";
	state.className = heard ? atFirst.names : "state off";
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
	socket.onopen = () => showHeard(true);
	socket.onclose = () => {
		showHeard(false);
		setTimeout(connect, waitMs, Math.min(waitMs * 2, 60000));
	};
}

if (rows.size > 0) connect(2000);
`;
