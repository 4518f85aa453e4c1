/*
 * Drives signed orders over HTTP: one thread, one request under way per connection, and as little work
 * for each as can be, since it shares the machine with what it measures.
 *
 * generator HOST_PORT USERS CONNECTIONS RATE WARMUP_S SECONDS SEED SYMBOLS CANCELS CROSSES
 *   USERS  a file of lines "apiKey secret"
 *   RATE   orders per second, sent by the clock whether or not answers come (open loop: the latency
 *          counts from the moment an order was due); 0: each connection sends when it was answered
 *
 *   SYMBOLS  how many are traded, 1 to 3
 *   CANCELS, CROSSES  percent of what is sent: cancels, orders that cross; the others rest
 *
 * Prints "measuring", "measured", then one line
 * of JSON; times in it are in ns, and only what was sent between the two counts.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------------ SHA-256 and HMAC */

static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

static void sha256_block(uint32_t h[8], const uint8_t *p) {
	uint32_t w[64];
	for (int i = 0; i < 16; i++) {
		uint32_t word;
		memcpy(&word, p + i * 4, 4);
		w[i] = __builtin_bswap32(word);
	}
	for (int i = 16; i < 64; i++) {
		uint32_t s0 = ROTR(w[i - 15], 7) ^ ROTR(w[i - 15], 18) ^ (w[i - 15] >> 3);
		uint32_t s1 = ROTR(w[i - 2], 17) ^ ROTR(w[i - 2], 19) ^ (w[i - 2] >> 10);
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
	for (int i = 0; i < 64; i++) {
		uint32_t s1 = ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25);
		uint32_t t1 = k + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i];
		uint32_t s0 = ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22);
		uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
		k = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
	}
	h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += k;
}

/* The rest of a message of which `before` bytes (whole blocks) are in h already. */
static void sha256_finish(uint32_t h[8], const uint8_t *data, size_t length, size_t before) {
	uint64_t bits = (uint64_t)(before + length) * 8;
	for (; length >= 64; data += 64, length -= 64) sha256_block(h, data);
	uint8_t last[128] = {0};
	memcpy(last, data, length);
	last[length] = 0x80;
	size_t end = length < 56 ? 64 : 128;
	for (int i = 0; i < 8; i++) last[end - 1 - i] = (uint8_t)(bits >> (8 * i));
	for (size_t at = 0; at < end; at += 64) sha256_block(h, last + at);
}

static void to_bytes(const uint32_t h[8], uint8_t out[32]) {
	for (int i = 0; i < 8; i++) {
		uint32_t word = __builtin_bswap32(h[i]);
		memcpy(out + i * 4, &word, 4);
	}
}

static const uint32_t START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

typedef struct {
	char key[160];
	uint32_t inner[8], outer[8]; /* after the padded key */
} User;

static void read_secret(User *user, const char *secret) {
	uint8_t key[64] = {0}, block[64];
	size_t length = strlen(secret);
	if (length > 64) {
		uint32_t h[8];
		memcpy(h, START, sizeof h);
		sha256_finish(h, (const uint8_t *)secret, length, 0);
		to_bytes(h, key);
	} else {
		memcpy(key, secret, length);
	}
	for (int i = 0; i < 64; i++) block[i] = key[i] ^ 0x36;
	memcpy(user->inner, START, sizeof START);
	sha256_block(user->inner, block);
	for (int i = 0; i < 64; i++) block[i] = key[i] ^ 0x5c;
	memcpy(user->outer, START, sizeof START);
	sha256_block(user->outer, block);
}

static void sign(const User *user, const char *text, size_t length, char hex[64]) {
	uint32_t h[8];
	uint8_t digest[32];
	memcpy(h, user->inner, sizeof h);
	sha256_finish(h, (const uint8_t *)text, length, 64);
	to_bytes(h, digest);
	memcpy(h, user->outer, sizeof h);
	sha256_finish(h, digest, 32, 64);
	to_bytes(h, digest);
	for (int i = 0; i < 32; i++) {
		hex[i * 2] = "0123456789abcdef"[digest[i] >> 4];
		hex[i * 2 + 1] = "0123456789abcdef"[digest[i] & 15];
	}
}

/* ------------------------------------------------------------------ what is sent */

typedef struct {
	const char *name;
	long mid_ticks, spread_ticks, least_lots, most_lots;
	int price_decimals, qty_decimals;
} Symbol;

static const Symbol SYMBOLS[3] = {
	{"BTCUSDT", 6000000, 1000, 10, 1000, 2, 5},
	{"ETHUSDT", 300000, 1000, 100, 1000, 2, 4},
	{"ETHBTC", 5000, 1000, 100, 1000, 5, 3},
};

/* An order that rested when it was answered. */
typedef struct {
	int user, symbol;
	long order_id;
} Resting;

#define MAX_RESTING (1 << 21)
#define MAX_SAMPLES (1 << 25)
#define BUFFER 16384

typedef struct {
	int fd, waiting, user, symbol, cancels;
	uint64_t since_ns;
	size_t got;
	char in[BUFFER];
} Connection;

static User *users;
static int user_count, symbol_count, cancel_percent, cross_percent;
static Resting *resting;
static int resting_count;
static uint64_t rng;
static const char *host_port;

static uint64_t next_random(void) {
	rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
	return rng;
}

static long pick(long least, long most) {
	return least + (long)((next_random() >> 11) % (uint64_t)(most - least + 1));
}

static uint64_t now_ns(clockid_t clock) {
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int decimal(char *out, long units, int decimals) {
	long scale = 1;
	for (int i = 0; i < decimals; i++) scale *= 10;
	return sprintf(out, "%ld.%0*ld", units / scale, decimals, units % scale);
}

static int order_query(Connection *c, char *out) {
	const Symbol *s = &SYMBOLS[c->symbol];
	int buys = next_random() >> 63;
	int crosses = pick(1, 100 - cancel_percent) <= cross_percent;
	long away = crosses ? -pick(1, s->spread_ticks / 10) : pick(1, s->spread_ticks);
	int at = sprintf(out, "symbol=%s&side=%s&type=LIMIT&timeInForce=GTC&quantity=", s->name,
		buys ? "BUY" : "SELL");
	at += decimal(out + at, pick(s->least_lots, s->most_lots), s->qty_decimals);
	at += sprintf(out + at, "&price=");
	return at + decimal(out + at, s->mid_ticks + (buys ? -away : away), s->price_decimals);
}

static int cancel_query(Connection *c, char *out) {
	int i = (int)pick(0, resting_count - 1);
	Resting order = resting[i];
	resting[i] = resting[--resting_count];
	c->user = order.user, c->symbol = order.symbol;
	return sprintf(out, "symbol=%s&orderId=%ld", SYMBOLS[order.symbol].name, order.order_id);
}

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static void send_next(Connection *c, uint64_t since_ns) {
	char query[512], text[1024];
	int cancels = pick(1, 100) <= cancel_percent && resting_count > 100;
	c->cancels = cancels;
	c->user = (int)pick(0, user_count - 1), c->symbol = (int)pick(0, symbol_count - 1);
	int length = cancels ? cancel_query(c, query) : order_query(c, query);
	length += sprintf(query + length, "&recvWindow=5000&timestamp=%llu",
		(unsigned long long)(now_ns(CLOCK_REALTIME) / 1000000));
	int at = sprintf(text, "%s /api/v3/order?", cancels ? "DELETE" : "POST");
	memcpy(text + at, query, (size_t)length);
	at += length;
	at += sprintf(text + at, "&signature=");
	sign(&users[c->user], query, (size_t)length, text + at);
	at += 64;
	at += sprintf(text + at, " HTTP/1.1\r\nHost: %s\r\nX-MBX-APIKEY: %s\r\nContent-Length: 0\r\n\r\n",
		host_port, users[c->user].key);
	c->since_ns = since_ns;
	c->waiting = 1;
	if (send(c->fd, text, (size_t)at, MSG_NOSIGNAL) != at) fail("send");
}

/* ------------------------------------------------------------------ what comes back */

static uint64_t from_ns, until_ns;
static uint32_t *samples; /* in units of 100 ns */
static long sample_count, statuses[600], sent_count;
static long done_count; /* answered with 200 between the two moments */
/* Cancels answered with -2011 between the two moments: what they meant was filled before they came, which
   nobody knows who has only the answers to orders. They cost the exchange as much as any other. */
static long late_count;
static struct { long code, count; } codes[64];

static void count_code(long code) {
	for (int i = 0; i < 64; i++) {
		if (codes[i].count != 0 && codes[i].code != code) continue;
		codes[i].code = code;
		codes[i].count++;
		return;
	}
}

/* The length of the whole answer when it is there, else 0. */
static size_t whole_answer(Connection *c, char **body) {
	c->in[c->got] = 0;
	char *end = strstr(c->in, "\r\n\r\n");
	if (end == NULL) return 0;
	char *length = strcasestr(c->in, "\r\ncontent-length:");
	if (length == NULL || length > end) {
		fprintf(stderr, "an answer without a length: %.200s\n", c->in);
		exit(1);
	}
	*body = end + 4;
	size_t whole = (size_t)(end + 4 - c->in) + strtoul(length + 17, NULL, 10);
	return c->got >= whole ? whole : 0;
}

static void take_answer(Connection *c, char *body, uint64_t at_ns) {
	int status = atoi(c->in + 9);
	if (status == 200 && resting_count < MAX_RESTING) {
		char *id = strstr(body, "\"orderId\":"), *word = strstr(body, "\"status\":\"");
		if (id != NULL && word != NULL && (word[10] == 'N' || word[10] == 'P')) {
			Resting order = {c->user, c->symbol, atol(id + 10)};
			resting[resting_count++] = order;
		}
	}
	long code = 0;
	if (status != 200) {
		char *word = strstr(body, "\"code\":");
		code = word == NULL ? 0 : atol(word + 7);
	}
	c->waiting = 0;
	c->got = 0;
	int counts = at_ns >= from_ns && at_ns < until_ns;
	done_count += counts && status == 200;
	late_count += counts && c->cancels && code == -2011;
	if (c->since_ns < from_ns || c->since_ns >= until_ns) return;
	statuses[status < 600 ? status : 599]++;
	if (status != 200) count_code(code);
	if (sample_count < MAX_SAMPLES) samples[sample_count++] = (uint32_t)((at_ns - c->since_ns) / 100);
}

/* True when the connection may send again. */
static int receive(Connection *c) {
	ssize_t n = recv(c->fd, c->in + c->got, BUFFER - 1 - c->got, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
	if (n <= 0) fail("the exchange closed a connection");
	c->got += (size_t)n;
	char *body;
	if (whole_answer(c, &body) == 0) return 0;
	take_answer(c, body, now_ns(CLOCK_MONOTONIC));
	return 1;
}

/* ------------------------------------------------------------------ the run */

static void read_users(const char *path) {
	FILE *file = fopen(path, "r");
	char key[160], secret[160];
	if (file == NULL) fail(path);
	users = calloc(100000, sizeof *users);
	while (user_count < 100000 && fscanf(file, "%159s %159s", key, secret) == 2) {
		strcpy(users[user_count].key, key);
		read_secret(&users[user_count++], secret);
	}
	fclose(file);
}

static int connect_to(const char *text) {
	char host[64];
	struct sockaddr_in address = {.sin_family = AF_INET};
	int port, one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (sscanf(text, "%63[^:]:%d", host, &port) != 2) fail("HOST_PORT");
	address.sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, host, &address.sin_addr);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static int ascending(const void *a, const void *b) {
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static double percentile(double p) {
	if (sample_count == 0) return 0;
	long i = (long)(p * (double)sample_count);
	return 100.0 * samples[i < sample_count ? i : sample_count - 1];
}

static void report(double seconds, int unanswered) {
	qsort(samples, (size_t)sample_count, sizeof *samples, ascending);
	printf("{\"seconds\":%.3f,\"done\":%ld,\"lateCancels\":%ld,\"sent\":%ld,\"unanswered\":%d,\"p50Ns\":%.0f,"
		"\"p99Ns\":%.0f,\"p999Ns\":%.0f,\"maxNs\":%.0f,\"statuses\":{", seconds,
		done_count, late_count, sent_count, unanswered, percentile(0.5), percentile(0.99), percentile(0.999),
		percentile(1));
	const char *comma = "";
	for (int i = 0; i < 600; i++) {
		if (statuses[i] == 0) continue;
		printf("%s\"%d\":%ld", comma, i, statuses[i]);
		comma = ",";
	}
	printf("},\"codes\":{");
	comma = "";
	for (int i = 0; i < 64 && codes[i].count > 0; i++) {
		printf("%s\"%ld\":%ld", comma, codes[i].code, codes[i].count);
		comma = ",";
	}
	printf("}}\n");
}

int main(int argc, char **argv) {
	if (argc != 11) return 2;
	host_port = argv[1];
	read_users(argv[2]);
	int count = atoi(argv[3]);
	double rate = atof(argv[4]);
	symbol_count = atoi(argv[8]), cancel_percent = atoi(argv[9]), cross_percent = atoi(argv[10]);
	rng = strtoull(argv[7], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
	resting = malloc(MAX_RESTING * sizeof *resting);
	samples = malloc(MAX_SAMPLES * sizeof *samples);
	prctl(PR_SET_TIMERSLACK, 1000);

	int poll = epoll_create1(0);
	Connection *connections = calloc((size_t)count, sizeof *connections);
	/* In turn, so that none is left alone until the server closes it. */
	int *idle = calloc((size_t)count, sizeof *idle), idle_count = 0, idle_first = 0;
	for (int i = 0; i < count; i++) {
		connections[i].fd = connect_to(host_port);
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
		epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event);
		idle[idle_count++] = i;
	}

	uint64_t start = now_ns(CLOCK_MONOTONIC);
	from_ns = start + (uint64_t)(atof(argv[5]) * 1e9);
	until_ns = from_ns + (uint64_t)(atof(argv[6]) * 1e9);
	uint64_t give_up_ns = until_ns + 10000000000u;
	uint64_t paced = 0; /* orders sent by the clock so far */
	int said = 0;
	struct epoll_event events[256];
	for (;;) {
		uint64_t now = now_ns(CLOCK_MONOTONIC);
		if (said == 0 && now >= from_ns) said = printf("measuring\n"), fflush(stdout);
		int ended = now >= until_ns;
		if (ended && (idle_count == count || now >= give_up_ns)) break;
		uint64_t due = 0;
		while (!ended && idle_count > 0) {
			due = rate > 0 ? start + (uint64_t)((double)paced * 1e9 / rate) : now;
			if (due > now) break;
			Connection *c = &connections[idle[idle_first]];
			idle_first = (idle_first + 1) % count, idle_count--;
			send_next(c, due);
			sent_count += due >= from_ns;
			paced++;
		}
		uint64_t wake = now + 50000000;
		if (!ended && idle_count > 0 && due > now && due < wake) wake = due;
		struct timespec wait = {0, (long)(wake > now ? wake - now : 0)};
		int n = epoll_pwait2(poll, events, 256, &wait, NULL);
		for (int i = 0; i < n; i++) {
			int which = (int)events[i].data.u32;
			if (receive(&connections[which])) idle[(idle_first + idle_count++) % count] = which;
		}
	}
	printf("measured\n");
	fflush(stdout);
	report((double)(until_ns - from_ns) / 1e9, count - idle_count);
	return 0;
}
