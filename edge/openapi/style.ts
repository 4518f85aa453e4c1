/** How both pages look; the viewer's own style stands before it. */
export const STYLE = `
:root {
	--ink: #17202e; --soft: #5b6779; --line: #e3e8ef; --paper: #f7f9fc; --card: #fff;
	--brand: #12324f; --accent: #d9a441; --up: #0b8a5e; --down: #c43d4b;
	--heading: #12324f; --sheet: #fff; --note: #fbf6ea; --note-line: #efe3c7;
	--sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
	--mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
	:root {
		--ink: #e8edf4; --soft: #98a5b8; --line: #263448; --paper: #0d1622; --card: #132030; --up: #37c995; --down: #f0717c;
		--heading: #e8edf4; --sheet: #0d1622; --note: #132030; --note-line: #263448;
	}
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 var(--sans); }
.bar { display: flex; align-items: center; gap: 1.25rem; flex-wrap: wrap; padding: .8rem clamp(1rem, 4vw, 3rem); background: var(--brand); color: #fff; position: sticky; top: 0; z-index: 10; }
.bar .name { color: #fff; font-weight: 650; font-size: 1.15rem; text-decoration: none; letter-spacing: .01em; }
.bar .mark { color: var(--accent); margin-right: .15rem; }
.bar nav { margin-left: auto; display: flex; gap: 1.25rem; }
.bar nav a { color: #cfdcea; text-decoration: none; font-size: .95rem; }
.bar nav a:hover { color: #fff; text-decoration: underline; }
.bar form { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; margin: 0; }
.bar label { font-size: .8rem; color: #b9cbdd; display: flex; align-items: center; gap: .4rem; }
.bar input { font: .85rem var(--mono); padding: .35rem .55rem; width: 14rem; border: 1px solid #39587a; border-radius: 6px; background: #0c2740; color: #fff; }
.bar input::placeholder { color: #6f8aa5; }
.bar input:focus { outline: 2px solid var(--accent); outline-offset: 1px; }
.bar output, .bar .state { font-size: .8rem; padding: .2rem .6rem; border-radius: 99px; background: #27435f; color: #d5e1ee; white-space: nowrap; }
.bar .on { background: #0f7a55; color: #fff; }
.bar .off { background: #8a5a12; color: #fff; }
.docs { background: var(--sheet); }
html .docs .swagger-ui { background: none; }
.docs .hint { margin: 0; padding: .55rem clamp(1rem, 4vw, 3rem); font-size: .85rem; color: var(--soft); background: var(--note); border-bottom: 1px solid var(--note-line); }
.docs .swagger-ui .wrapper { max-width: 1280px; padding: 0 clamp(1rem, 4vw, 3rem); }
.docs .swagger-ui .info { margin: 1.6rem 0 1rem; }
.docs .swagger-ui .info .title { color: var(--ink); font-family: var(--sans); }
.docs .swagger-ui .scheme-container { display: none; }
.docs .swagger-ui .opblock-tag { font-family: var(--sans); color: var(--heading); }
.docs .swagger-ui .response .header-col { color: var(--ink); }
.docs .swagger-ui .response-col_links { display: none; }
/* The document has 4XX and 5XX, which the viewer does not know for what they are. */
.docs .swagger-ui .response-undocumented { display: none; }
.docs .swagger-ui .filter .operation-filter-input { max-width: none; width: 100%; }
/* A link to a call scrolls to this box, by no padding: it begins as much higher as the bar covers. */
.docs .operation-tag-content > span { display: block; margin-top: -4rem; padding-top: 4rem; pointer-events: none; }
.docs .operation-tag-content > span > * { pointer-events: auto; }
.docs .swagger-ui .opblock .opblock-summary-path { font-family: var(--mono); }
.landing main { max-width: 62rem; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4rem) clamp(1rem, 4vw, 2rem); }
.landing h1 { font-size: clamp(1.6rem, 4vw, 2.4rem); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 .75rem; max-width: 24ch; }
.landing .lead { color: var(--soft); max-width: 58ch; margin: 0 0 2rem; }
.landing table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; font-variant-numeric: tabular-nums; }
.landing .markets { overflow-x: auto; }
.landing th, .landing td { padding: .8rem 1rem; text-align: right; border-top: 1px solid var(--line); white-space: nowrap; }
.landing thead th { border-top: 0; color: var(--soft); font-size: .8rem; font-weight: 500; }
.landing th:first-child { text-align: left; }
.landing tbody th { font-weight: 650; }
.landing small { color: var(--soft); font-weight: 400; font-size: .8rem; }
.landing .up { color: var(--up); }
.landing .down { color: var(--down); }
.landing .rose { animation: rose 1s; }
.landing .fell { animation: fell 1s; }
@keyframes rose { from { color: var(--up); } }
@keyframes fell { from { color: var(--down); } }
@media (prefers-reduced-motion: reduce) { .landing .rose, .landing .fell { animation: none; } }
.landing .ways { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; margin-top: 1.5rem; }
.landing .ways div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.2rem; }
.landing h2 { font-size: 1rem; margin: 0 0 .4rem; }
.landing code { font: .85rem var(--mono); background: var(--paper); border: 1px solid var(--line); border-radius: 5px; padding: .1rem .4rem; }
.landing .ways p { margin: .6rem 0 0; color: var(--soft); font-size: .92rem; }
.landing main a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: 3px; }
@media (max-width: 64rem) {
	html { scroll-padding-top: 0; }
	.bar { position: static; }
	.bar form { order: 1; }
	.docs .operation-tag-content > span { margin-top: 0; padding-top: 0; }
}
@media (max-width: 40rem) {
	.bar { gap: .6rem 1rem; }
	.docs .swagger-ui table.parameters :is(tbody, tr, td) { display: block; }
	.docs .swagger-ui table.parameters thead { display: none; }
	.docs .swagger-ui table.parameters tbody tr td { padding: .6rem 0 0; max-width: none; }
	.docs .swagger-ui table.parameters :is(input, select, textarea) { width: 100%; max-width: none; }
	.bar form, .bar label { width: 100%; }
	.bar input { flex: 1; width: auto; min-width: 0; }
	.landing th, .landing td { padding: .7rem .5rem; font-size: .9rem; }
	.landing .volume { display: none; }
}
`;
