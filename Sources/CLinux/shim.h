#pragma once
// What the toolchain's Glibc module lacks, and the one piece of code that must run between
// fork and exec, where no Swift may.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;
extern int pipe2(int descriptors[2], int flags);

/// The process's environment, `NULL` at the end. `environ` itself is a mutable global to Swift.
static inline char *const *host_environment(void) { return environ; }

/// Asks the processor for what is read soon: a builtin of the compiler. Any address is allowed.
static inline void host_prefetch(const void *address) { __builtin_prefetch(address); }

/// `prctl` is variadic. Names the calling thread; 15 bytes count.
static inline void host_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// How large a core file of this process may become. `RLIMIT_CORE` is an enumeration of its own.
static inline int host_core_limit(struct rlimit *limit) { return getrlimit(RLIMIT_CORE, limit); }
static inline int host_set_core_limit(const struct rlimit *limit) {
    return setrlimit(RLIMIT_CORE, limit);
}

/// Columns of the terminal behind a descriptor, or 0. `ioctl` is variadic.
static inline int host_terminal_width(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// Rows of the same, or 0.
static inline int host_terminal_height(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

/// Keys neither show nor suspend any more, Ctrl-C still signals; `before` is how it was. -1 with
/// `errno` if it cannot be had. `c_cc` is a tuple to Swift.
static inline int host_terminal_quieten(int descriptor, struct termios *before) {
    if (tcgetattr(descriptor, before) != 0) return -1;
    struct termios quiet = *before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    return tcsetattr(descriptor, TCSANOW, &quiet);
}

/// What a crash puts a terminal back with.
struct host_screen {
    int drawn;       // what frames are written through
    int descriptor;  // the same terminal
    int has_before;
    struct termios before;
    size_t length;
    char text[64];
    struct sigaction others[65];
};

/// The one there is. Each Swift file that calls this has one of its own: a header has no other
/// place.
static inline struct host_screen *host_screen_guarded(void) {
    static struct host_screen screen;
    return &screen;
}

/// Only calls that are safe in a handler; then the crash takes its course.
static inline void host_screen_crashed(int number) {
    const struct host_screen *screen = host_screen_guarded();
    // Other threads still run: what they draw from here on goes nowhere.
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) dup2(nowhere, screen->drawn);
    size_t written = 0;
    for (int tries = 0; written < screen->length && tries < 10; tries++) {
        ssize_t count =
            write(screen->descriptor, screen->text + written, screen->length - written);
        if (count > 0) written += (size_t)count;
        // A frame may be on its way still.
        struct pollfd watched = {.fd = screen->descriptor, .events = POLLOUT};
        if (count < 0 && errno == EAGAIN) poll(&watched, 1, 50);
    }
    if (screen->has_before) tcsetattr(screen->descriptor, TCSANOW, &screen->before);
    sigaction(number, &screen->others[number], NULL);
    raise(number);
}

/// From now on a crash or SIGQUIT writes `text` and sets `before`, if there is one.
static inline void host_screen_guard(
    int descriptor, const char *text, const struct termios *before, int has_before
) {
    struct host_screen *screen = host_screen_guarded();
    screen->drawn = descriptor;
    screen->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    screen->has_before = has_before;
    screen->before = *before;
    screen->length = strnlen(text, sizeof screen->text);
    memcpy(screen->text, text, screen->length);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = host_screen_crashed;
    const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT};
    for (int n = 0; n < 7; n++) sigaction(numbers[n], &action, &screen->others[numbers[n]]);
}

/// Ends it.
static inline void host_screen_unguard(void) {
    const struct host_screen *screen = host_screen_guarded();
    const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT};
    for (int n = 0; n < 7; n++) sigaction(numbers[n], &screen->others[numbers[n]], NULL);
    close(screen->descriptor);
}

/// SIGPIPE to nobody: a write to a pipe without a reader then fails with EPIPE. `SIG_IGN` is a
/// cast.
static inline void host_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

// Whether whoever started the process wants it to outlive this signal.
static inline int host_is_ignored(int number) {
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/// A counter to wake a poller with; the flags are an enumeration that Swift reads as `Int`.
static inline int host_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Whether something keeps the system's clock in step: 1, 0, or -1 where nobody may know.
static inline int host_clock_is_in_step(void) {
    struct timex clock = {0};
    return adjtimex(&clock) < 0 ? -1 : !(clock.status & STA_UNSYNC);
}

/// `WIFEXITED` and its kin are macros.
static inline int host_wait_did_exit(int status) { return WIFEXITED(status); }
static inline int host_wait_exit_code(int status) { return WEXITSTATUS(status); }
static inline int host_wait_signal(int status) { return WTERMSIG(status); }

/// A descriptor that becomes readable when the process ends; -1 with `errno` if it cannot be had.
static inline int host_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

/// To the process that the descriptor holds, and to no other; -1 with `errno`.
static inline int host_pidfd_send_signal(int descriptor, int number) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0);
}

/// The calling thread's niceness. To Swift `PRIO_PROCESS` is of another type than it is taken by.
static inline int host_own_nice(void) { return getpriority(PRIO_PROCESS, 0); }

/// The calling thread is nicer by so much from now on; 0, or -1 with `errno`. On Linux a niceness is a thread's own.
static inline int host_be_nicer(int by) {
    return setpriority(PRIO_PROCESS, 0, host_own_nice() + by);
}

/// The processors that the calling thread may run on, as bits; bytes written, or -1 with `errno`.
static inline long host_get_affinity(void *mask, size_t bytes) {
    return syscall(SYS_sched_getaffinity, 0, bytes, mask);
}

/// What to start, and with which descriptors; each is put at the number its name says.
struct host_spawn_request {
    const char *program;
    char *const *arguments;    // NULL at the end
    char *const *environment;  // NULL at the end
    const char *directory;     // NULL: the caller's
    int input, output, error;  // 0, 1, 2
    int lifeline;              // 3
    pid_t group;               // 0: the new process leads a group of its own
    int death_signal;          // sent when the calling THREAD ends; 0: none
    int has_core_limit;        // 0: the caller's
    struct rlimit core_limit;
    int has_nice, nice;
    const void *cpus;          // a bit for each processor it may run on
    size_t cpu_bytes;          // 0: where the caller may
    int has_entrance, entrance;  // of a control group that it enters
};

/// The child's half of `host_spawn`: only calls that are safe after fork, and never a return.
static __attribute__((noreturn)) void host_spawn_child(
    const struct host_spawn_request *request, pid_t parent, int report
) {
    struct sigaction standard;
    __builtin_memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < 65; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    int from[4] = {request->input, request->output, request->error, request->lifeline};
    int is_good = setpgid(0, request->group) == 0;
    if (is_good && request->death_signal != 0)
        is_good = prctl(PR_SET_PDEATHSIG, request->death_signal) == 0;
    if (is_good && request->has_entrance) is_good = write(request->entrance, "0", 1) == 1;
    if (is_good && request->has_nice) is_good = setpriority(PRIO_PROCESS, 0, request->nice) == 0;
    if (is_good && request->cpu_bytes != 0)
        is_good = syscall(SYS_sched_setaffinity, 0, request->cpu_bytes, request->cpus) == 0;
    if (getppid() != parent) _exit(127);  // it ended before the line above
    report = fcntl(report, F_DUPFD_CLOEXEC, 10);
    // First out of the way of 0 to 3, then into place.
    for (int n = 0; n < 4 && is_good; n++) is_good = (from[n] = fcntl(from[n], F_DUPFD, 10)) >= 0;
    for (int n = 0; n < 4 && is_good; n++) is_good = dup2(from[n], n) == n;
    // 4 = CLOSE_RANGE_CLOEXEC. Nothing else of the host's reaches the program.
    if (is_good) is_good = syscall(SYS_close_range, 4u, ~0u, 4u) == 0;
    if (is_good && request->directory != NULL) is_good = chdir(request->directory) == 0;
    // Last: up to the exec the memory is the caller's.
    if (is_good && request->has_core_limit)
        is_good = host_set_core_limit(&request->core_limit) == 0;
    if (is_good) execve(request->program, request->arguments, request->environment);
    int reason = errno;
    while (write(report, &reason, sizeof reason) < 0 && errno == EINTR) {}
    _exit(127);
}

/// Starts a program by fork and exec at once: no handler registered for fork runs, and no memory is
/// copied.
///
/// Returns its number, or -1 with the reason in `failure`.
static __attribute__((noinline)) pid_t host_spawn(
    const struct host_spawn_request *request, int *failure
) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) {
        *failure = errno;
        return -1;
    }
    // The child borrows this memory until its exec: no signal handler may run in it meanwhile.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t child = vfork();
    if (child == 0) host_spawn_child(request, parent, report[1]);
    int reason = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (child > 0) {
        ssize_t count;
        do count = read(report[0], &reason, sizeof reason);
        while (count < 0 && errno == EINTR);
        if (count != sizeof reason) reason = 0;
        if (reason != 0) {
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
            child = -1;
        }
    }
    close(report[0]);
    *failure = reason;
    return child;
}
