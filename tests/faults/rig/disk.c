/*
 * A disk that can be watched and broken: preloaded into a process, it stands between the program and the system for every
 * call that changes files below one folder.
 *
 * rig_trace() writes down each change with its data, in order, so that another program can work out what a power loss at
 * any moment could have left. rig_fault() makes the n-th call fail, fall short, or end the process. Nothing happens before
 * rig_root(); calls of other processes (a child after exec) are never touched.
 *
 * A file is known by its inode and a name by its directory's inode, asked of the system at each call: there is no table
 * of descriptors that a dup, a fork or a close could make wrong.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "branch.h"

enum how { NONE = 0, NO_SPACE = 1, IO_ERROR = 2, SHORT = 3, KILL = 4, STAYS_FULL = 5 };

static char root[PATH_MAX];
static size_t root_length;
static pid_t owner;
static int trace = -1;
static long calls;
static long fault_at;
static int fault_how;
static int refuse_next_write;
static char hit[PATH_MAX + 64];
static pthread_mutex_t one_at_a_time = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

#define REAL(name, type, ...)                                   \
    typedef type (*name##_type)(__VA_ARGS__);                   \
    static name##_type real_##name(void) {                      \
        static name##_type found;                               \
        if (!found) found = (name##_type)dlsym(RTLD_NEXT, #name); \
        return found;                                           \
    }

REAL(openat64, int, int, const char *, int, ...)
REAL(write, ssize_t, int, const void *, size_t)
REAL(pwrite64, ssize_t, int, const void *, size_t, off64_t)
REAL(writev, ssize_t, int, const struct iovec *, int)
REAL(pwritev64, ssize_t, int, const struct iovec *, int, off64_t)
REAL(ftruncate64, int, int, off64_t)
REAL(truncate64, int, const char *, off64_t)
REAL(fsync, int, int)
REAL(fdatasync, int, int)
REAL(renameat, int, int, const char *, int, const char *)
REAL(renameat2, int, int, const char *, int, const char *, unsigned)
REAL(unlinkat, int, int, const char *, int)
REAL(mkdirat, int, int, const char *, mode_t)
REAL(linkat, int, int, const char *, int, const char *, int)
REAL(sendfile64, ssize_t, int, int, off64_t *, size_t)
REAL(copy_file_range, ssize_t, int, off64_t *, int, off64_t *, size_t, unsigned)
REAL(posix_fallocate64, int, int, off64_t, off64_t)

/* --- what tests call -------------------------------------------------------------------------------------------------- */

void rig_root(const char *folder) {
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    owner = getpid();
    calls = fault_at = 0;
    fault_how = refuse_next_write = 0;
    hit[0] = 0;
}

int rig_trace(const char *file) {
    trace = real_openat64()(AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return trace;
}

void rig_fault(long at, int how) {
    calls = 0;
    fault_at = at;
    fault_how = how;
    refuse_next_write = 0;
}

/* The disk has room again: what stays full for a scenario is emptied before its retry. */
void rig_mend(void) { fault_at = 0, fault_how = NONE, refuse_next_write = 0; }

/* End this process, as kill -9 does, once it has had the processor for so long; whatever else the machine does. */
int rig_die(double seconds) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec when = {.it_value = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)}};
    return timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) || timer_settime(timer, 0, &when, NULL);
}

/* A copy of this process, in which a call goes wrong, watches from now on (branch.c). */
static void watch_as_copy(int how) {
    owner = getpid();
    fault_at = calls;
    fault_how = how;
}

long rig_calls(void) { return calls; }

const char *rig_hit(void) { return hit; }

/* --- the trace ---------------------------------------------------------------------------------------------------------- */

/*
 * Where in the program a call is made, as a number. The program's own lock must be free for the answer, and another of
 * its threads may hold that while it waits for its turn here: so it is asked for before the turn, never in it.
 */
static uint32_t (*place)(void);
static uint32_t called_from;
void rig_place(uint32_t (*ask)(void)) { place = ask; }

static void enter(void) {
    uint32_t found = place && trace >= 0 ? place() : 0;
    pthread_mutex_lock(&one_at_a_time);
    called_from = found;
}

struct head {
    char op;
    char padding[7];
    int64_t call, inode, folder, folder_two, offset;
    uint32_t name, name_two, data, place;
};

static void put(const void *bytes, size_t count) {
    const char *at = bytes;
    while (count) {
        ssize_t done = real_write()(trace, at, count);
        if (done <= 0) abort();
        at += done, count -= (size_t)done;
    }
}

static void note(char op, ino_t inode, ino_t folder, const char *name, ino_t folder_two, const char *name_two,
                 int64_t offset, const void *data, size_t length) {
    if (trace < 0) return;
    struct head head = {.op = op, .call = calls, .inode = (int64_t)inode, .folder = (int64_t)folder,
                        .folder_two = (int64_t)folder_two, .offset = offset,
                        .name = (uint32_t)strlen(name), .name_two = (uint32_t)strlen(name_two), .data = (uint32_t)length,
                        .place = called_from};
    put(&head, sizeof head);
    put(name, head.name);
    put(name_two, head.name_two);
    put(data, length);
}

void rig_mark(const char *text) {
    enter();
    note('M', 0, 0, text, 0, "", 0, "", 0);
    pthread_mutex_unlock(&one_at_a_time);
}

/* --- where a call goes ---------------------------------------------------------------------------------------------------- */

static int watching(void) { return root_length && getpid() == owner; }

static int below(const char *path) {
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int path_of(int fd, char *path) {
    char link_name[64];
    snprintf(link_name, sizeof link_name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link_name, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return below(path);
}

/* The full path of a name that a call was given, below the root or not. */
static int full_path(int at, const char *name, char *path) {
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else {
        char folder[PATH_MAX];
        if (at == AT_FDCWD) {
            if (!getcwd(folder, sizeof folder)) return 0;
        } else {
            char link_name[64];
            snprintf(link_name, sizeof link_name, "/proc/self/fd/%d", at);
            ssize_t length = readlink(link_name, folder, sizeof folder - 1);
            if (length <= 0) return 0;
            folder[length] = 0;
        }
        if (strlen(folder) + strlen(name) + 2 > PATH_MAX) return 0;
        strcpy(path, folder), strcat(path, "/"), strcat(path, name);
    }
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') path[--length] = 0;
    return below(path);
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static ino_t inode_of(const char *path) {
    struct stat64 found;
    return lstat64(path, &found) == 0 ? found.st_ino : 0;
}

static ino_t folder_of(const char *path) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = 0;
    return inode_of(folder);
}

static ino_t inode_of_fd(int fd) {
    struct stat64 found;
    return fstat64(fd, &found) == 0 ? found.st_ino : 0;
}

/* --- the faults ------------------------------------------------------------------------------------------------------------ */

enum kind { READING = 0, TAKES_SPACE = 1, WRITES = 2, SYNCS = 3, REMOVES = 4 };

/* Count one call; return what is to go wrong with it. errno is set for the errors. */
static enum how turn(enum kind kind, const char *call, const char *path) {
    calls++;
    int how = branched_at(calls);
    if (how) watch_as_copy(how);
    if (refuse_next_write && kind == WRITES) {
        refuse_next_write = 0;
        errno = ENOSPC;
        return NO_SPACE;
    }
    if (!fault_at || calls < fault_at || (calls > fault_at && fault_how != STAYS_FULL)) return NONE;
    if (calls == fault_at) snprintf(hit, sizeof hit, "%s %s", call, last_part(path));
    switch (fault_how) {
        case KILL:
            kill(getpid(), SIGKILL);
            for (;;) pause();
        case NO_SPACE:
            errno = ENOSPC;
            return NO_SPACE;
        case STAYS_FULL:
            if (kind != TAKES_SPACE && kind != WRITES) return NONE;
            errno = ENOSPC;
            return NO_SPACE;
        case SHORT:
            if (kind == WRITES) return SHORT;
            return NONE;
        default:
            errno = EIO;
            return IO_ERROR;
    }
}

#define LEAVE(value)                            \
    do {                                        \
        __typeof__(value) kept = (value);       \
        int error = errno;                      \
        pthread_mutex_unlock(&one_at_a_time);   \
        errno = error;                          \
        return kept;                            \
    } while (0)

static int opened(int at, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    if (!watching() || !full_path(at, name, path)) return real_openat64()(at, name, flags, mode);
    enter();
    int makes = (flags & O_CREAT) && !inode_of(path);
    enum kind kind = makes ? TAKES_SPACE : READING;
    if (turn(kind, makes ? "create" : "open", path)) LEAVE(-1);
    int fd = real_openat64()(at, name, flags, mode);
    if (fd >= 0) {
        ino_t inode = inode_of_fd(fd);
        if (makes) note('C', inode, folder_of(path), last_part(path), 0, "", 0, "", 0);
        else if ((flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY) note('T', inode, 0, last_part(path), 0, "", 0, "", 0);
        else note('O', inode, 0, last_part(path), 0, "", 0, "", 0);
    }
    LEAVE(fd);
}

static mode_t mode_given(int flags, va_list rest) {
    return (flags & (O_CREAT | O_TMPFILE)) ? (mode_t)va_arg(rest, int) : 0;
}

#define OPENING(name, before, at)                       \
    int name(before const char *path, int flags, ...) { \
        va_list rest;                                   \
        va_start(rest, flags);                          \
        mode_t mode = mode_given(flags, rest);          \
        va_end(rest);                                   \
        return opened(at, path, flags, mode);           \
    }
#define COMMA ,
OPENING(open, , AT_FDCWD)
OPENING(open64, , AT_FDCWD)
OPENING(openat, int at COMMA, at)
OPENING(openat64, int at COMMA, at)

int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* Write at a place (or, at -1, where the descriptor stands), with the fault that is due. */
static ssize_t written(int fd, const void *data, size_t length, off64_t at) {
    char path[PATH_MAX];
    if (!watching() || !path_of(fd, path))
        return at < 0 ? real_write()(fd, data, length) : real_pwrite64()(fd, data, length, at);
    enter();
    enum how wrong = turn(WRITES, "write", path);
    if (wrong == NO_SPACE || wrong == IO_ERROR) LEAVE((ssize_t)-1);
    if (wrong == SHORT) {
        length /= 2;
        refuse_next_write = 1; /* whoever does not ask for the rest loses it unseen; whoever does is told */
        if (!length) { errno = ENOSPC; refuse_next_write = 0; LEAVE((ssize_t)-1); }
    }
    off64_t where = at;
    if (at < 0) {
        int flags = fcntl(fd, F_GETFL);
        where = lseek64(fd, 0, (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
    }
    ssize_t done = at < 0 ? real_write()(fd, data, length) : real_pwrite64()(fd, data, length, at);
    if (done > 0) note('W', inode_of_fd(fd), 0, last_part(path), 0, "", where, data, (size_t)done);
    LEAVE(done);
}

ssize_t write(int fd, const void *data, size_t length) { return written(fd, data, length, -1); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return written(fd, data, length, at); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return written(fd, data, length, at); }

static ssize_t gathered(int fd, const struct iovec *parts, int count, off64_t at) {
    char path[PATH_MAX];
    if (!watching() || !path_of(fd, path))
        return at < 0 ? real_writev()(fd, parts, count) : real_pwritev64()(fd, parts, count, at);
    size_t length = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    char *whole = malloc(length ? length : 1), *end = whole;
    for (int i = 0; i < count; i++) memcpy(end, parts[i].iov_base, parts[i].iov_len), end += parts[i].iov_len;
    ssize_t done = written(fd, whole, length, at);
    free(whole);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) { return gathered(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return gathered(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return gathered(fd, parts, count, at); }

/* Copies inside the kernel are declined, so that callers read and write and their data are seen. */
ssize_t sendfile64(int out, int in, off64_t *at, size_t length) {
    char path[PATH_MAX];
    if (watching() && path_of(out, path)) { errno = ENOSYS; return -1; }
    return real_sendfile64()(out, in, at, length);
}
ssize_t sendfile(int out, int in, off_t *at, size_t length) { return sendfile64(out, in, (off64_t *)at, length); }
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t length, unsigned flags) {
    char path[PATH_MAX];
    if (watching() && path_of(out, path)) { errno = ENOSYS; return -1; }
    return real_copy_file_range()(in, from, out, to, length, flags);
}
int posix_fallocate64(int fd, off64_t at, off64_t length) {
    char path[PATH_MAX];
    if (watching() && path_of(fd, path)) return EOPNOTSUPP;
    return real_posix_fallocate64()(fd, at, length);
}
int posix_fallocate(int fd, off_t at, off_t length) { return posix_fallocate64(fd, at, length); }

int ftruncate64(int fd, off64_t size) {
    char path[PATH_MAX];
    if (!watching() || !path_of(fd, path)) return real_ftruncate64()(fd, size);
    enter();
    if (turn(TAKES_SPACE, "truncate", path)) LEAVE(-1);
    int done = real_ftruncate64()(fd, size);
    if (done == 0) note('T', inode_of_fd(fd), 0, last_part(path), 0, "", size, "", 0);
    LEAVE(done);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int truncate64(const char *name, off64_t size) {
    char path[PATH_MAX];
    if (!watching() || !full_path(AT_FDCWD, name, path)) return real_truncate64()(name, size);
    enter();
    if (turn(TAKES_SPACE, "truncate", path)) LEAVE(-1);
    int done = real_truncate64()(name, size);
    if (done == 0) note('T', inode_of(path), 0, last_part(path), 0, "", size, "", 0);
    LEAVE(done);
}
int truncate(const char *name, off_t size) { return truncate64(name, size); }

static int synced(int fd, int data_only) {
    char path[PATH_MAX];
    if (!watching() || !path_of(fd, path)) return data_only ? real_fdatasync()(fd) : real_fsync()(fd);
    enter();
    if (turn(SYNCS, "sync", path)) LEAVE(-1);
    int done = data_only ? real_fdatasync()(fd) : real_fsync()(fd);
    if (done == 0) note('S', inode_of_fd(fd), 0, last_part(path), 0, "", 0, "", 0);
    LEAVE(done);
}
int fsync(int fd) { return synced(fd, 0); }
int fdatasync(int fd) { return synced(fd, 1); }

static int renamed(int at, const char *from, int at_two, const char *to) {
    char path[PATH_MAX], target[PATH_MAX];
    int inside = watching() && full_path(at, from, path);
    int inside_two = watching() && full_path(at_two, to, target);
    if (!inside && !inside_two) return real_renameat()(at, from, at_two, to);
    enter();
    if (turn(TAKES_SPACE, "rename", target)) LEAVE(-1);
    ino_t moved = inode_of(path), folder = folder_of(path), folder_two = folder_of(target);
    if (is_copy() && moved && moved != inode_of(target)) put_aside(target);
    int done = real_renameat()(at, from, at_two, to);
    if (done == 0) note('R', moved, folder, last_part(path), folder_two, last_part(target), 0, "", 0);
    LEAVE(done);
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to); }
int renameat(int at, const char *from, int at_two, const char *to) { return renamed(at, from, at_two, to); }
int renameat2(int at, const char *from, int at_two, const char *to, unsigned flags) {
    if (!flags) return renamed(at, from, at_two, to);
    char path[PATH_MAX], target[PATH_MAX];
    if (!watching() || !full_path(at, from, path) || !full_path(at_two, to, target))
        return real_renameat2()(at, from, at_two, to, flags);
    if (flags != RENAME_EXCHANGE) { errno = EINVAL; return -1; }
    enter();
    if (turn(TAKES_SPACE, "exchange", target)) LEAVE(-1);
    ino_t one = inode_of(path), two = inode_of(target);
    int done = real_renameat2()(at, from, at_two, to, flags);
    if (done == 0)
        note('X', one, folder_of(path), last_part(path), folder_of(target), last_part(target), (int64_t)two, "", 0);
    LEAVE(done);
}

static int removed(int at, const char *name, int flags) {
    char path[PATH_MAX];
    if (!watching() || !full_path(at, name, path)) return real_unlinkat()(at, name, flags);
    enter();
    ino_t gone = inode_of(path), folder = folder_of(path);
    if (!gone) { errno = ENOENT; LEAVE(-1); } /* nothing is there to be changed, so nothing can go wrong with it */
    if (turn(REMOVES, flags & AT_REMOVEDIR ? "rmdir" : "unlink", path)) LEAVE(-1);
    int done = is_copy() && !(flags & AT_REMOVEDIR) ? put_aside(path) : real_unlinkat()(at, name, flags);
    if (done == 0) note('U', gone, folder, last_part(path), 0, "", 0, "", 0);
    LEAVE(done);
}
int unlink(const char *name) { return removed(AT_FDCWD, name, 0); }
int unlinkat(int at, const char *name, int flags) { return removed(at, name, flags); }
int rmdir(const char *name) { return removed(AT_FDCWD, name, AT_REMOVEDIR); }

static int folder_made(int at, const char *name, mode_t mode) {
    char path[PATH_MAX];
    if (!watching() || !full_path(at, name, path)) return real_mkdirat()(at, name, mode);
    enter();
    if (inode_of(path)) { errno = EEXIST; LEAVE(-1); }
    if (turn(TAKES_SPACE, "mkdir", path)) LEAVE(-1);
    int done = real_mkdirat()(at, name, mode);
    if (done == 0) note('D', inode_of(path), folder_of(path), last_part(path), 0, "", 0, "", 0);
    LEAVE(done);
}
int mkdir(const char *name, mode_t mode) { return folder_made(AT_FDCWD, name, mode); }
int mkdirat(int at, const char *name, mode_t mode) { return folder_made(at, name, mode); }

static int linked(int at, const char *from, int at_two, const char *to, int flags) {
    char path[PATH_MAX], target[PATH_MAX];
    int inside = watching() && full_path(at, from, path);
    int inside_two = watching() && full_path(at_two, to, target);
    if (!inside && !inside_two) return real_linkat()(at, from, at_two, to, flags);
    enter();
    if (turn(TAKES_SPACE, "link", target)) LEAVE(-1);
    int done = real_linkat()(at, from, at_two, to, flags);
    if (done == 0) note('L', inode_of(path), 0, "", folder_of(target), last_part(target), 0, "", 0);
    LEAVE(done);
}
int link(const char *from, const char *to) { return linked(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int at, const char *from, int at_two, const char *to, int flags) { return linked(at, from, at_two, to, flags); }
