/*
 * Writes memory at a rate that is given, and tells of itself ten times a second, so that somebody outside sees that it
 * lives, how long it stood still, and that its memory is whole.
 *
 *   writer MIB RATE     RATE in MiB of distinct pages a second, round and round through MIB
 *
 *   beat NUMBER clock=S pages=N sum=OK      S: CLOCK_REALTIME; N: pages written so far; sum: BAD when a page was lost
 *
 * Lines on its input change it:  rate N   mib N (no more than at the start)   fill N (fill N MiB once)   drop (free them)
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define PER_MIB 256UL

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void *memory(size_t pages)
{
    void *m = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (m == MAP_FAILED) { perror("mmap"); exit(1); }
    return m;
}

/* Each page holds when it was last written: the n-th write goes to the page n modulo the number of pages. */
static int whole(volatile char *m, size_t pages, uint64_t written, uint64_t since)
{
    for (size_t i = 0; i < pages; i++) {
        uint64_t seen = *(volatile uint64_t *)(m + i * PAGE);
        if (written - since >= pages && (seen > written || seen + pages <= written)) return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    size_t most = (argc > 1 ? strtoul(argv[1], 0, 10) : 16) * PER_MIB, pages = most, filled = 0;
    double rate = argc > 2 ? atof(argv[2]) : 4, last = now(CLOCK_MONOTONIC), due = last, credit = 0;
    volatile char *m = memory(most);
    char *fill = 0, line[128];
    uint64_t written = 0, since = 0, beat = 0;
    size_t used = 0;

    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    for (;;) {
        double t = now(CLOCK_MONOTONIC), passed = t - last;
        last = t;
        if (passed < 0) passed = 0;
        if (passed > 0.25) passed = 0.25; /* no burst after standing still */
        for (credit += passed * rate * PER_MIB; credit >= 1; credit -= 1) {
            written++;
            *(volatile uint64_t *)(m + (written % pages) * PAGE) = written;
        }
        if (t >= due) {
            printf("beat %llu clock=%.3f pages=%llu sum=%s\n", (unsigned long long)beat++, now(CLOCK_REALTIME),
                   (unsigned long long)written, whole(m, pages, written, since) ? "OK" : "BAD");
            fflush(stdout);
            due = t + 0.1;
        }
        char c;
        while (read(0, &c, 1) == 1) {
            if (c != '\n' && c != '\r') {
                if (used < sizeof line - 1) line[used++] = c;
                continue;
            }
            line[used] = 0;
            used = 0;
            double v;
            if (sscanf(line, "rate %lf", &v) == 1 && v >= 0) { rate = v; credit = 0; }
            else if (sscanf(line, "mib %lf", &v) == 1 && v >= 1 && v * PER_MIB <= most) { pages = v * PER_MIB; since = written; }
            else if (sscanf(line, "fill %lf", &v) == 1 && !fill) { filled = v * PER_MIB * PAGE; fill = memory(v * PER_MIB); memset(fill, 1, filled); }
            else if (!strcmp(line, "drop") && fill) { munmap(fill, filled); fill = 0; }
        }
        usleep(10000);
    }
}
