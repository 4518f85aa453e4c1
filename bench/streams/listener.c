/*
 * Listens on many WebSocket connections: counts messages, looks at the ids of every trade and every depth
 * update for a gap, and measures from the event's time to here.
 *
 * listener HOST_PORT PATH CLIENTS SLOW SECONDS
 *   SLOW  further clients that read nothing while it is measured, and then all there is
 *
 * Prints "connected" when all are, waits for a line on stdin, then listens for so long; prints
 * "measured" and one line of JSON. Latencies are whole ms, as the events' times are; the clock is the
 * machine's own on both sides.
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
#include <time.h>
#include <unistd.h>

#define LONGEST_MS 60000
#define CARRY 65552
#define MAX_SYMBOLS 8
/* Of a slow client: what it leaves unread soon is the server's to keep. */
#define SLOW_RECEIVE_BUFFER 65536

/* The last ids of one symbol; 0 before the first. */
typedef struct {
	char symbol[16];
	long trade, update;
} Ids;

typedef struct {
	int fd;
	Ids ids[MAX_SYMBOLS];
	int slow, closed;
	size_t kept;
	char carry[CARRY]; /* the beginning of a frame that is not whole yet */
} Client;

static Client *clients;
static int client_count;
static int64_t from_ms, until_ms;
static long messages, bytes_read, gaps, latencies[LONGEST_MS + 1];

static int64_t now_ms(void) {
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static long number_after(const char *text, size_t length, const char *name) {
	const char *at = memmem(text, length, name, strlen(name));
	return at == NULL ? -1 : atol(at + strlen(name));
}

static int is_event(const char *text, size_t length, const char *event) {
	return memmem(text, length < 80 ? length : 80, event, strlen(event)) != NULL;
}

/* The symbol that a text is about; a client hears of a few. */
static Ids *ids_of(Client *c, const char *text, size_t length) {
	const char *at = memmem(text, length, "\"s\":\"", 5);
	size_t named = at == NULL ? 0 : strcspn(at + 5, "\"");
	if (named == 0 || named >= sizeof c->ids[0].symbol) fail("an event without a symbol");
	for (int i = 0; i < MAX_SYMBOLS; i++) {
		Ids *ids = &c->ids[i];
		if (ids->symbol[0] == 0) memcpy(ids->symbol, at + 5, named);
		if (strncmp(ids->symbol, at + 5, named) == 0 && ids->symbol[named] == 0) return ids;
	}
	fail("too many symbols");
	return NULL;
}

static void take_text(Client *c, const char *text, size_t length, int64_t at_ms) {
	if (is_event(text, length, "\"e\":\"trade\"")) {
		Ids *last = ids_of(c, text, length);
		long id = number_after(text, length, "\"t\":");
		gaps += last->trade != 0 && id != last->trade + 1;
		last->trade = id;
	} else if (is_event(text, length, "\"e\":\"depthUpdate\"")) {
		Ids *last = ids_of(c, text, length);
		long first = number_after(text, length, "\"U\":");
		gaps += last->update != 0 && first != last->update + 1;
		last->update = number_after(text, length, "\"u\":");
	}
	long event_ms = number_after(text, length, "\"E\":");
	if (c->slow || event_ms < 0 || at_ms < from_ms || at_ms >= until_ms) return;
	messages++;
	long late = at_ms - event_ms;
	latencies[late < 0 ? 0 : late > LONGEST_MS ? LONGEST_MS : late]++;
}

static void pong(Client *c, const char *payload, size_t length) {
	char frame[140] = {(char)0x8a, (char)(0x80 | length), 0, 0, 0, 0};
	memcpy(frame + 6, payload, length);
	if (send(c->fd, frame, 6 + length, MSG_NOSIGNAL) < 0) fail("pong");
}

/* Takes all whole frames; how many bytes they were. */
static size_t take_frames(Client *c, const char *in, size_t got, int64_t at_ms) {
	size_t at = 0;
	while (got - at >= 2) {
		const unsigned char *head = (const unsigned char *)in + at;
		size_t length = head[1] & 127, skip = 2;
		if (length == 126) {
			if (got - at < 4) break;
			length = (size_t)head[2] << 8 | head[3];
			skip = 4;
		} else if (length == 127) {
			fprintf(stderr, "a frame above 64 KiB\n");
			exit(1);
		}
		if (got - at < skip + length) break;
		int kind = head[0] & 15;
		if (kind == 1) take_text(c, in + at + skip, length, at_ms);
		if (kind == 9) pong(c, in + at + skip, length);
		at += skip + length;
	}
	return at;
}

/* Whether there was anything. */
static int receive(Client *c) {
	static char in[CARRY + 262144];
	memcpy(in, c->carry, c->kept);
	ssize_t n = recv(c->fd, in + c->kept, sizeof in - CARRY, c->slow ? 0 : MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
	if (n <= 0) {
		c->closed = 1;
		close(c->fd);
		return 0;
	}
	bytes_read += n;
	size_t got = c->kept + (size_t)n, taken = take_frames(c, in, got, now_ms());
	c->kept = got - taken;
	if (c->kept > CARRY) fail("a frame longer than expected");
	memcpy(c->carry, in + taken, c->kept);
	return 1;
}

static void open_client(Client *c, const char *host_port, const char *path) {
	char host[64], text[512];
	struct sockaddr_in address = {.sin_family = AF_INET};
	int port, one = 1;
	if (sscanf(host_port, "%63[^:]:%d", host, &port) != 2) fail("HOST_PORT");
	address.sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, host, &address.sin_addr);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->slow) {
		/* When it reads at last, two seconds of nothing mean that nothing is left. */
		struct timeval wait = {.tv_sec = 2};
		int buffer = SLOW_RECEIVE_BUFFER;
		setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
		setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	}
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	int length = sprintf(text, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", path, host_port);
	if (send(c->fd, text, (size_t)length, MSG_NOSIGNAL) != length) fail("send");
	/* The answer's head, byte by byte: what follows it is frames. */
	size_t got = 0;
	while (got < 4 || memcmp(text + got - 4, "\r\n\r\n", 4) != 0) {
		if (got == sizeof text || recv(c->fd, text + got, 1, 0) != 1) fail("the upgrade");
		got++;
	}
	if (strncmp(text, "HTTP/1.1 101", 12) != 0) {
		fprintf(stderr, "not upgraded: %.80s\n", text);
		exit(1);
	}
}

static long percentile(double p) {
	long below = 0;
	for (long ms = 0; ms <= LONGEST_MS; ms++) {
		below += latencies[ms];
		if ((double)below >= p * (double)messages && below > 0) return ms;
	}
	return 0;
}

static int closed(int slow) {
	int count = 0;
	for (int i = 0; i < client_count; i++) count += clients[i].closed && clients[i].slow == slow;
	return count;
}

int main(int argc, char **argv) {
	if (argc != 6) return 2;
	int prompt_count = atoi(argv[3]), slow_count = atoi(argv[4]);
	client_count = prompt_count + slow_count;
	clients = calloc((size_t)client_count, sizeof *clients);
	int poll = epoll_create1(0);
	for (int i = 0; i < client_count; i++) {
		clients[i].slow = i >= prompt_count;
		open_client(&clients[i], argv[1], argv[2]);
		if (clients[i].slow) continue;
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
		epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &event);
	}
	/* stdin comes last: any line on it begins the measurement. */
	struct epoll_event begin = {.events = EPOLLIN, .data.u32 = (uint32_t)client_count};
	epoll_ctl(poll, EPOLL_CTL_ADD, 0, &begin);
	printf("connected\n");
	fflush(stdout);
	from_ms = INT64_MAX, until_ms = INT64_MAX;
	struct epoll_event events[1024];
	while (now_ms() < until_ms) {
		int n = epoll_wait(poll, events, 1024, 20);
		for (int i = 0; i < n; i++) {
			if (events[i].data.u32 < (uint32_t)client_count) {
				receive(&clients[events[i].data.u32]);
				continue;
			}
			epoll_ctl(poll, EPOLL_CTL_DEL, 0, NULL);
			from_ms = now_ms();
			until_ms = from_ms + (int64_t)(atof(argv[5]) * 1000);
		}
	}
	long prompt_gaps = gaps, prompt_bytes = bytes_read;
	for (int i = prompt_count; i < client_count; i++)
		while (receive(&clients[i])) continue;
	printf("measured\n{\"messages\":%ld,\"bytes\":%ld,\"gaps\":%ld,\"closed\":%d,\"slowGaps\":%ld,"
		"\"slowClosed\":%d,\"p50Ms\":%ld,\"p99Ms\":%ld,\"p999Ms\":%ld,\"maxMs\":%ld}\n", messages,
		prompt_bytes, prompt_gaps, closed(0), gaps - prompt_gaps, closed(1), percentile(0.5),
		percentile(0.99), percentile(0.999), percentile(1));
	return 0;
}
