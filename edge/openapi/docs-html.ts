/** The page to try the API: the viewer, and a bar that takes a key to sign with. */
export const DOCS_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Castle exchange API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/castle.css">
</head>
<body class="docs">
<header class="bar">
<a class="name" href="/"><span class="mark" aria-hidden="true">♜</span> Castle</a>
<form id="signing" autocomplete="off">
<label>API key <input id="api-key" spellcheck="false" placeholder="X-MBX-APIKEY"></label>
<label>Secret <input id="secret" type="password" autocomplete="new-password" placeholder="HMAC secret"></label>
<output id="signing-state">Open calls only</output>
</form>
<nav><a href="/openapi.json">openapi.json</a></nav>
</header>
<p class="hint">With a key and its HMAC secret, calls are signed in this page and sent with their time. Both stay in this tab's memory and are gone when it closes.</p>
<main id="viewer"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/try-it.js" type="module"></script>
</body>
</html>
`;
