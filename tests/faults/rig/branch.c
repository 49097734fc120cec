/*
 * Trying a fault without first running everything that comes before it: at a call this process makes a copy of itself,
 * in which the call goes wrong, waits until the copy ends, and goes on as if there had been none.
 *
 * The two share the disk below the root and every open file. What the copy changed on the disk, whoever asked for it puts
 * back before this process goes on (branching.py): it is told of each copy's end and answers. What lies in the process is
 * put back here: where descriptors stand, and who holds which lock. The copy has its original's locks, as a process run
 * from the beginning would have them; those by byte ranges, which no copy inherits and which the original still holds, are
 * granted to it without asking: only one process is there, so nobody else could hold them.
 *
 * A process that has threads or children cannot be copied so; whoever asked is told, and runs that fault from the start.
 */
#define _GNU_SOURCE
#include "branch.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS 1024

static const int64_t *wanted; /* pairs of a call and a fault, in the order of the calls */
static long left;
static int tells, hears;
static unsigned longest;
static char aside[PATH_MAX];
static long put_there;
static int copy;
static int lock_of[DESCRIPTORS];

/* Try these faults, each in a copy.
 *
 * pairs: count times a call and a fault (enum how), sorted; they must outlive the run. folder: where files go that a copy
 * removes. out and in: where copies are told of, and where leave comes from to go on. seconds: that a copy may take.
 */
void rig_branch(const int64_t *pairs, long count, const char *folder, int out, int in, unsigned seconds) {
    wanted = pairs, left = count, tells = out, hears = in, longest = seconds;
    snprintf(aside, sizeof aside, "%s", folder);
}

int is_copy(void) { return copy; }

int put_aside(const char *path) {
    char place[PATH_MAX + 64];
    struct stat64 found;
    if (lstat64(path, &found)) return -1;
    if (S_ISDIR(found.st_mode)) return 0; /* a folder that is replaced is an empty one */
    snprintf(place, sizeof place, "%s/%d-%ld", aside, (int)getpid(), put_there++);
    return (int)syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, place, 0); /* not seen by disk.c */
}

static int is_alone(void) {
    siginfo_t child;
    if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD) return 0;
    int threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *each; tasks && (each = readdir(tasks));) threads += each->d_name[0] != '.';
    if (tasks) closedir(tasks);
    return threads == 1;
}

static void tell(const char *what, long call, int how, int status, double seconds) {
    char line[200], answer;
    int length = snprintf(line, sizeof line,
                          "{\"%s\": true, \"call\": %ld, \"how\": %d, \"status\": %d, \"seconds\": %.6f}\n", what, call,
                          how, status, seconds);
    if (write(tells, line, (size_t)length) != length || read(hears, &answer, 1) != 1) abort();
}

static double spent(const struct rusage *used) {
    return (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) +
           1e-6 * (double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
}

int branched_at(long call) {
    if (copy || !left || wanted[0] != call) return 0;
    int error = errno, alone = is_alone();
    off64_t stood[DESCRIPTORS];
    for (int fd = 0; fd < DESCRIPTORS; fd++) stood[fd] = lseek64(fd, 0, SEEK_CUR);
    if (alone) tell("keep", call, 0, 0, 0);
    for (; left && wanted[0] == call; wanted += 2, left--) {
        int how = (int)wanted[1];
        if (!alone) {
            tell("alone", call, how, 0, 0);
            continue;
        }
        /* Not fork(): SQLite calls with its own locks held, which know their owner by the number that fork() renews. */
        pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
        if (child == 0) {
            copy = 1;
            alarm(longest);
            errno = error;
            return how;
        }
        int status;
        struct rusage used;
        if (child < 0 || wait4(child, &status, 0, &used) != child) abort();
        tell("ended", call, how, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), spent(&used));
        for (int fd = 0; fd < DESCRIPTORS; fd++) {
            if (stood[fd] < 0) continue;
            lseek64(fd, stood[fd], SEEK_SET);
            flock(fd, lock_of[fd] ? lock_of[fd] | LOCK_NB : LOCK_UN);
        }
    }
    errno = error;
    return 0;
}

/* --- locks ---------------------------------------------------------------------------------------------------------------- */

int flock(int fd, int how) {
    static int (*real)(int, int);
    if (!real) real = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");
    int done = real(fd, how);
    if (done == 0 && fd >= 0 && fd < DESCRIPTORS) lock_of[fd] = how & LOCK_UN ? 0 : how & (LOCK_SH | LOCK_EX);
    return done;
}

int close(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd < DESCRIPTORS && lock_of[fd]) {
        /* The original has it open too, so that closing it here would not end the lock. */
        if (copy) flock(fd, LOCK_UN);
        lock_of[fd] = 0;
    }
    return real(fd);
}

static int controlled(int fd, int what, void *given) {
    static int (*real)(int, int, ...);
    if (!real) real = (int (*)(int, int, ...))dlsym(RTLD_NEXT, "fcntl64");
    if (copy && (what == F_SETLK || what == F_SETLKW || what == F_OFD_SETLK || what == F_OFD_SETLKW)) {
        int opened = real(fd, F_GETFL) & O_ACCMODE, type = ((struct flock *)given)->l_type;
        if ((type == F_WRLCK && opened == O_RDONLY) || (type == F_RDLCK && opened == O_WRONLY)) {
            errno = EBADF;
            return -1;
        }
        return 0;
    }
    if (copy && (what == F_GETLK || what == F_OFD_GETLK)) {
        ((struct flock *)given)->l_type = F_UNLCK;
        return 0;
    }
    return real(fd, what, given);
}

#define CONTROLLING(name)                  \
    int name(int fd, int what, ...) {      \
        va_list rest;                      \
        va_start(rest, what);              \
        void *given = va_arg(rest, void *); \
        va_end(rest);                      \
        return controlled(fd, what, given); \
    }
CONTROLLING(fcntl)
CONTROLLING(fcntl64)
