/* Preloaded (LD_PRELOAD) into a program: counts the calls that change files under one folder, and at
 * the one it is told of kills the program or makes the call fail. `clang -O2 -shared -fPIC`.
 *
 *   FAULT_UNDER  the folder, absolute and resolved
 *   FAULT_STATE  a file of sizeof(struct state) zeros: what was counted, kept over a SIGKILL
 *   FAULT_HOW    none | before | torn | after | eio | eio-on | enospc | full
 *   FAULT_AT     at which call, from 1; `torn` counts only calls that write bytes
 *   FAULT_TRACE  a file that gets a line for each call; for people and for comparing with strace
 *
 * `torn` writes half of the bytes and kills. `full` is a disk without room: half of the bytes are
 * written, and from then on whatever needs room fails, while removing, renaming and flushing work.
 * Only the process that loaded it first is counted, not what it starts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct state {
    atomic_ulong calls, writes, struck, process;
    char what[480];
};
enum how { NONE, BEFORE, TORN, AFTER, EIO_ONCE, EIO_ON, ENOSPC_ONCE, FULL };
enum kind { BYTES, ROOM, OTHER }; /* writes bytes; needs room besides; neither */

static struct state *state;
static char under[4096];
static size_t under_length;
static enum how how;
static unsigned long at;
static int trace = -1;

__attribute__((constructor)) static void begin(void) {
    static const char *names[] = {"none", "before", "torn", "after", "eio", "eio-on", "enospc", "full"};
    const char *folder = getenv("FAULT_UNDER"), *file = getenv("FAULT_STATE");
    const char *name = getenv("FAULT_HOW"), *number = getenv("FAULT_AT");
    if (!folder || !file) return;
    under_length = strlen(folder);
    if (under_length >= sizeof under) abort();
    memcpy(under, folder, under_length);
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) how = (enum how)i;
    at = number ? strtoul(number, NULL, 10) : 0;
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    if (descriptor < 0) abort();
    void *memory = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) abort();
    syscall(SYS_close, descriptor);
    struct state *found = memory;
    unsigned long none = 0;
    /* The same process again, when a program replaces itself. */
    if (!atomic_compare_exchange_strong(&found->process, &none, (unsigned long)getpid()) &&
        none != (unsigned long)getpid())
        return;
    const char *lines = getenv("FAULT_TRACE");
    if (lines)
        trace = (int)syscall(SYS_openat, AT_FDCWD, lines, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    state = found;
}

static int is_under(const char *path) {
    return !strncmp(path, under, under_length) && (path[under_length] == '/' || !path[under_length]);
}

/* The path of a descriptor; false where it is outside. */
static int place_of(int descriptor, char *out, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, out, size - 1);
    if (length < 0) return 0;
    out[length] = 0;
    return is_under(out);
}

static int place_at(int folder, const char *path, char *out, size_t size) {
    if (path[0] == '/') {
        snprintf(out, size, "%s", path);
    } else {
        char above[4096] = "";
        if (folder == AT_FDCWD) {
            if (!getcwd(above, sizeof above)) return 0;
        } else {
            (void)place_of(folder, above, sizeof above);
        }
        if (path[0] == '.' && path[1] == '/') path += 2;
        snprintf(out, size, "%s/%s", above, path);
    }
    return is_under(out);
}

static void killed(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

enum verdict { GO, HALF_THEN_KILL, HALF, KILL_AFTER, FAIL };

/* What becomes of this call; `errno` is set for FAIL. */
static enum verdict judge(const char *call, const char *path, long bytes, enum kind kind) {
    unsigned long number = atomic_fetch_add(&state->calls, 1) + 1;
    unsigned long write_number = kind == BYTES ? atomic_fetch_add(&state->writes, 1) + 1 : 0;
    if (trace >= 0) {
        char line[4400];
        int length = snprintf(line, sizeof line, "%lu %s %s %ld\n", number, call, path + under_length, bytes);
        syscall(SYS_write, trace, line, (size_t)length);
    }
    int is_it = (how == TORN ? write_number : number) == at;
    if (is_it && how != NONE) {
        snprintf(state->what, sizeof state->what, "%s %.400s %ld", call, path + under_length, bytes);
        atomic_store(&state->struck, number);
    }
    int is_behind = number >= at && at > 0;
    switch (how) {
    case BEFORE:
        if (is_it) killed();
        return GO;
    case TORN: return is_it ? HALF_THEN_KILL : GO;
    case AFTER: return is_it ? KILL_AFTER : GO;
    case EIO_ONCE: errno = EIO; return is_it ? FAIL : GO;
    case EIO_ON: errno = EIO; return is_behind ? FAIL : GO;
    case ENOSPC_ONCE: errno = ENOSPC; return is_it ? FAIL : GO;
    case FULL:
        errno = ENOSPC;
        if (is_it && kind == BYTES && bytes > 1) return HALF;
        return is_behind && kind != OTHER ? FAIL : GO;
    default: return GO;
    }
}

#define REAL(name, type, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

/* One that is done whole or not at all. */
#define WHOLE(call, path, bytes, kind, expression) \
    do { \
        int before = errno; \
        enum verdict verdict = judge(call, path, bytes, kind); \
        if (verdict == FAIL) return -1; \
        errno = before; \
        __auto_type result = (expression); \
        if (verdict == KILL_AFTER || verdict == HALF_THEN_KILL) killed(); \
        return result; \
    } while (0)

#define PARTS(call, path, count, half, all) \
    do { \
        int before = errno; \
        enum verdict verdict = judge(call, path, (long)(count), BYTES); \
        if (verdict == FAIL) return -1; \
        errno = before; \
        if (verdict == HALF) return (half); \
        ssize_t result = verdict == HALF_THEN_KILL ? (half) : (all); \
        if (verdict == KILL_AFTER || verdict == HALF_THEN_KILL) killed(); \
        return result; \
    } while (0)

#define OPENED(descriptor) (state && place_of(descriptor, path, sizeof path))
#define NAMED(folder, name) (state && place_at(folder, name, path, sizeof path))

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(write, ssize_t, int, const void *, size_t);
    char path[4096];
    if (!OPENED(file)) return real(file, bytes, count);
    PARTS("write", path, count, real(file, bytes, count / 2), real(file, bytes, count));
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    REAL(pwrite, ssize_t, int, const void *, size_t, off_t);
    char path[4096];
    if (!OPENED(file)) return real(file, bytes, count, offset);
    PARTS("pwrite", path, count, real(file, bytes, count / 2, offset), real(file, bytes, count, offset));
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) { return pwrite(file, bytes, count, offset); }

static size_t total(const struct iovec *parts, int count) {
    size_t sum = 0;
    for (int i = 0; i < count; i++) sum += parts[i].iov_len;
    return sum;
}
/* Half of a gathered write: half of its first part. */
ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(writev, ssize_t, int, const struct iovec *, int);
    char path[4096];
    if (!OPENED(file)) return real(file, parts, count);
    struct iovec half = count ? parts[0] : (struct iovec){0};
    half.iov_len /= 2;
    PARTS("writev", path, total(parts, count), real(file, &half, 1), real(file, parts, count));
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    REAL(pwritev, ssize_t, int, const struct iovec *, int, off_t);
    char path[4096];
    if (!OPENED(file)) return real(file, parts, count, offset);
    struct iovec half = count ? parts[0] : (struct iovec){0};
    half.iov_len /= 2;
    PARTS("pwritev", path, total(parts, count), real(file, &half, 1, offset), real(file, parts, count, offset));
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) { return pwritev(file, parts, count, offset); }

int fsync(int file) {
    REAL(fsync, int, int);
    char path[4096];
    if (!OPENED(file)) return real(file);
    WHOLE("fsync", path, 0, OTHER, real(file));
}
int fdatasync(int file) {
    REAL(fdatasync, int, int);
    char path[4096];
    if (!OPENED(file)) return real(file);
    WHOLE("fdatasync", path, 0, OTHER, real(file));
}
int ftruncate(int file, off_t size) {
    REAL(ftruncate, int, int, off_t);
    char path[4096];
    if (!OPENED(file)) return real(file, size);
    struct stat now;
    int grows = fstat(file, &now) == 0 && size > now.st_size;
    WHOLE("ftruncate", path, size, grows ? ROOM : OTHER, real(file, size));
}
int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }
int fallocate(int file, int mode, off_t offset, off_t length) {
    REAL(fallocate, int, int, int, off_t, off_t);
    char path[4096];
    if (!OPENED(file)) return real(file, mode, offset, length);
    WHOLE("fallocate", path, length, ROOM, real(file, mode, offset, length));
}
int fallocate64(int file, int mode, off64_t offset, off64_t length) { return fallocate(file, mode, offset, length); }
/* Gives its error back instead of setting it. */
int posix_fallocate(int file, off_t offset, off_t length) {
    return fallocate(file, 0, offset, length) ? errno : 0;
}
int posix_fallocate64(int file, off64_t offset, off64_t length) { return posix_fallocate(file, offset, length); }
int fchmod(int file, mode_t mode) {
    REAL(fchmod, int, int, mode_t);
    char path[4096];
    if (!OPENED(file)) return real(file, mode);
    WHOLE("fchmod", path, 0, OTHER, real(file, mode));
}

int rename(const char *old, const char *new) {
    REAL(rename, int, const char *, const char *);
    char path[4096];
    if (!NAMED(AT_FDCWD, new)) return real(old, new);
    WHOLE("rename", path, 0, OTHER, real(old, new));
}
int renameat(int from, const char *old, int to, const char *new) {
    REAL(renameat, int, int, const char *, int, const char *);
    char path[4096];
    if (!NAMED(to, new)) return real(from, old, to, new);
    WHOLE("renameat", path, 0, OTHER, real(from, old, to, new));
}
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    REAL(renameat2, int, int, const char *, int, const char *, unsigned);
    char path[4096];
    if (!NAMED(to, new)) return real(from, old, to, new, flags);
    WHOLE("renameat2", path, 0, OTHER, real(from, old, to, new, flags));
}
int link(const char *old, const char *new) {
    REAL(link, int, const char *, const char *);
    char path[4096];
    if (!NAMED(AT_FDCWD, new)) return real(old, new);
    WHOLE("link", path, 0, ROOM, real(old, new));
}
int linkat(int from, const char *old, int to, const char *new, int flags) {
    REAL(linkat, int, int, const char *, int, const char *, int);
    char path[4096];
    if (!NAMED(to, new)) return real(from, old, to, new, flags);
    WHOLE("linkat", path, 0, ROOM, real(from, old, to, new, flags));
}
int unlink(const char *name) {
    REAL(unlink, int, const char *);
    char path[4096];
    if (!NAMED(AT_FDCWD, name)) return real(name);
    WHOLE("unlink", path, 0, OTHER, real(name));
}
int unlinkat(int folder, const char *name, int flags) {
    REAL(unlinkat, int, int, const char *, int);
    char path[4096];
    if (!NAMED(folder, name)) return real(folder, name, flags);
    WHOLE("unlinkat", path, 0, OTHER, real(folder, name, flags));
}
int rmdir(const char *name) {
    REAL(rmdir, int, const char *);
    char path[4096];
    if (!NAMED(AT_FDCWD, name)) return real(name);
    WHOLE("rmdir", path, 0, OTHER, real(name));
}
int mkdir(const char *name, mode_t mode) {
    REAL(mkdir, int, const char *, mode_t);
    char path[4096];
    /* One that is there already changes nothing. */
    if (!NAMED(AT_FDCWD, name) || access(name, F_OK) == 0) return real(name, mode);
    WHOLE("mkdir", path, 0, ROOM, real(name, mode));
}
int mkdirat(int folder, const char *name, mode_t mode) {
    REAL(mkdirat, int, int, const char *, mode_t);
    char path[4096];
    if (!NAMED(folder, name) || faccessat(folder, name, F_OK, 0) == 0) return real(folder, name, mode);
    WHOLE("mkdirat", path, 0, ROOM, real(folder, name, mode));
}
int chmod(const char *name, mode_t mode) {
    REAL(chmod, int, const char *, mode_t);
    char path[4096];
    if (!NAMED(AT_FDCWD, name)) return real(name, mode);
    WHOLE("chmod", path, 0, OTHER, real(name, mode));
}
int fchmodat(int folder, const char *name, mode_t mode, int flags) {
    REAL(fchmodat, int, int, const char *, mode_t, int);
    char path[4096];
    if (!NAMED(folder, name)) return real(folder, name, mode, flags);
    WHOLE("fchmodat", path, 0, OTHER, real(folder, name, mode, flags));
}

/* One that makes a file or empties it; others only look. */
static int changes(int folder, const char *name, int flags, char *path, size_t size) {
    if (!state || !place_at(folder, name, path, size)) return 0;
    if (flags & O_TRUNC) return 1;
    return (flags & O_CREAT) && faccessat(folder, name, F_OK, 0) != 0;
}
static mode_t mode_of(int flags, va_list more) {
    return flags & (O_CREAT | __O_TMPFILE) ? (mode_t)va_arg(more, int) : 0;
}
static int opened(int folder, const char *name, int flags, mode_t mode) {
    REAL(openat, int, int, const char *, int, ...);
    char path[4096];
    if (!changes(folder, name, flags, path, sizeof path)) return real(folder, name, flags, mode);
    WHOLE("open", path, 0, ROOM, real(folder, name, flags, mode));
}
#define OPENING(name, folder, ...) \
    int name(__VA_ARGS__, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = mode_of(flags, more); \
        va_end(more); \
        return opened(folder, file, flags, mode); \
    }
OPENING(open, AT_FDCWD, const char *file)
OPENING(open64, AT_FDCWD, const char *file)
OPENING(openat, folder, int folder, const char *file)
OPENING(openat64, folder, int folder, const char *file)
int creat(const char *name, mode_t mode) { return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int mkostemps(char *name, int suffix, int flags) {
    REAL(mkostemps, int, char *, int, int);
    char path[4096];
    if (!NAMED(AT_FDCWD, name)) return real(name, suffix, flags);
    WHOLE("mkstemp", path, 0, ROOM, real(name, suffix, flags));
}
int mkostemp(char *name, int flags) { return mkostemps(name, 0, flags); }
int mkstemps(char *name, int suffix) { return mkostemps(name, suffix, 0); }
int mkstemp(char *name) { return mkostemps(name, 0, 0); }
int mkstemp64(char *name) { return mkostemps(name, 0, 0); }
