/* Expectations that say what they expected, and a table of the library's functions: taken from the library that the
 * program is linked with, or from one that it loads, as MetaTrader does. */
#ifndef CHECK_H
#define CHECK_H

#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

/* First of all, so that the header proves that it needs nothing before it. */
#include "lotbridge.h"
#include "lotbridge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Every function of the header with its arguments, written down a second time: a changed one does not compile. */
#define LB_FUNCTIONS(F)                                                      \
    F(abi_version, (uint32_t *))                                             \
    F(last_error, (uint8_t *, uint32_t, uint32_t *))                         \
    F(master_open, (const uint8_t *, uint32_t, uint64_t *))                  \
    F(slave_open, (const uint8_t *, uint32_t, uint64_t, uint64_t *))         \
    F(close, (uint64_t))                                                     \
    F(snapshot_begin, (uint64_t, const LbAccount *))                         \
    F(snapshot_instruments, (uint64_t, const LbInstrument *, uint32_t))      \
    F(snapshot_rates, (uint64_t, const LbRate *, uint32_t))                  \
    F(snapshot_positions, (uint64_t, const LbPosition *, uint32_t))          \
    F(snapshot_deals, (uint64_t, const LbDeal *, uint32_t))                  \
    F(snapshot_orders, (uint64_t, const LbPendingOrder *, uint32_t))         \
    F(snapshot_past_orders, (uint64_t, const LbPastOrder *, uint32_t))       \
    F(master_commit, (uint64_t))                                             \
    F(master_wait, (uint64_t, uint32_t, LbMasterStatus *))                   \
    F(slave_commit, (uint64_t, uint64_t *))                                  \
    F(slave_wait, (uint64_t, uint32_t, LbOrder *))                           \
    F(slave_report, (uint64_t, const LbResult *))                            \
    F(slave_deals_from, (uint64_t, int64_t *))                               \
    F(slave_status, (uint64_t, LbSlaveStatus *))                             \
    F(slave_rearm, (uint64_t))                                               \
    F(master_alerts, (uint64_t, uint8_t *, uint32_t, uint32_t *))            \
    F(slave_alerts, (uint64_t, uint8_t *, uint32_t, uint32_t *))             \
    F(master_copies, (uint64_t, uint8_t *, uint32_t, uint32_t *))            \
    F(slave_guards, (uint64_t, uint8_t *, uint32_t, uint32_t *))             \
    F(pools, (uint64_t, uint8_t *, uint32_t, uint32_t *))                    \
    F(master_by_hand, (uint64_t, uint32_t))                                  \
    F(slave_by_hand, (uint64_t, uint32_t))                                   \
    F(layout, (const uint8_t *, uint32_t, uint32_t *))

#define LB_POINTER(name, arguments) int32_t(*name) arguments;
static struct {
    LB_FUNCTIONS(LB_POINTER)
} lb;

static inline void fail(const char *file, int line, const char *format, va_list arguments)
{
    char text[2048] = "";
    uint32_t length = 0;
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    if (lb.last_error != NULL && lb.last_error((uint8_t *)text, sizeof text, &length) >= LB_BUFFER)
        fprintf(stderr, "\n  the library's last error: \"%s\"", text);
    fputc('\n', stderr);
    exit(1);
}

/* What must hold, and the text of its failure: `EXPECT(a == b, "a is %d", a)`. */
#define EXPECT(...) expect(__FILE__, __LINE__, __VA_ARGS__)
static inline void expect(const char *file, int line, int holds, const char *format, ...)
{
    va_list arguments;
    if (holds)
        return;
    va_start(arguments, format);
    fail(file, line, format, arguments);
    va_end(arguments);
}

/* The call must be answered with this code. */
#define ANSWERS(code, call) answers(__FILE__, __LINE__, #call, (code), (call))
static inline void answers(const char *file, int line, const char *call, int32_t code, int32_t answer)
{
    expect(file, line, answer == code, "%s answered %d, %d was due", call, (int)answer, (int)code);
}

/* The call must be refused with this code and a text that has these words. */
#define REFUSES(code, words, call) refuses(__FILE__, __LINE__, #call, (code), (words), (call))
static inline void refuses(const char *file, int line, const char *call, int32_t code, const char *words,
                           int32_t answer)
{
    char text[2048];
    uint32_t length = 0;
    expect(file, line, code < 0, "%s: %d is no code of a failure", call, (int)code);
    answers(file, line, call, code, answer);
    expect(file, line, lb.last_error((uint8_t *)text, sizeof text, &length) == LB_OK && length == strlen(text),
           "%s: lb_last_error gave no text", call);
    expect(file, line, length > 0 && strstr(text, words) != NULL, "%s: the text \"%s\" lacks \"%s\"", call, text,
           words);
}

#ifdef LOADED
#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
/* Names of its own that these programs have for something else. */
#undef near
#undef TEXT

typedef FARPROC Symbol;

static inline void *load(const char *path)
{
    return LoadLibraryA(path);
}

static inline Symbol find(void *library, const char *name)
{
    return GetProcAddress((HMODULE)library, name);
}

/* The system's own word on the last failure: a number, such as 126, which MetaTrader shows as well. */
static inline const char *trouble(void)
{
    static char text[32];
    snprintf(text, sizeof text, "error %lu", (unsigned long)GetLastError());
    return text;
}
#else
#include <dlfcn.h>

typedef void *Symbol;

static inline void *load(const char *path)
{
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static inline Symbol find(void *library, const char *name)
{
    return dlsym(library, name);
}

static inline const char *trouble(void)
{
    return dlerror();
}
#endif

/* ISO C has no conversion from an object's pointer to a function's; POSIX says that both have the same form. */
#define LB_LOAD(name, arguments)                                                                   \
    symbol = find(library, "lb_" #name);                                                           \
    EXPECT(symbol != NULL, "%s exports no lb_" #name, path);                                       \
    memcpy(&lb.name, &symbol, sizeof symbol);

static inline void *open_library(const char *path)
{
    Symbol symbol;
    void *library = load(path);
    EXPECT(library != NULL, "%s cannot be loaded: %s", path, library == NULL ? trouble() : "");
    LB_FUNCTIONS(LB_LOAD)
    return library;
}
#else
#define LB_LINK(name, arguments) lb.name = lb_##name;

static inline void *open_library(const char *path)
{
    (void)path;
    LB_FUNCTIONS(LB_LINK)
    return NULL;
}
#endif

/* Milliseconds of a clock that does not jump. */
static inline long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

#endif
