/* Lets the n-th call of one kind under one folder fail, or kills the process there. Loaded before the C library.
 *
 * FAULT_ROOT   the folder; other files are left alone
 * FAULT_CALL   "write", "sync" or "rename"
 * FAULT_AT     which call, from 1; 0 only counts
 * FAULT_HOW    "ENOSPC", "EIO", "KILL" (before the call), "LATE" (killed after it) or "HALF" (killed after half of a write)
 * FAULT_COUNT  a file that gets the number of calls of that kind when the process ends by itself
 *
 * fault_arm(root, call, at, how) sets the same from within a process and starts to count anew.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX], call[16], how[16];
static long at, seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fault_arm(const char *folder, const char *kind, long nth, const char *manner)
{
    pthread_mutex_lock(&lock);
    snprintf(root, sizeof root, "%s", folder);
    snprintf(call, sizeof call, "%s", kind);
    snprintf(how, sizeof how, "%s", manner);
    at = nth;
    seen = 0;
    pthread_mutex_unlock(&lock);
}

long fault_seen(void)
{
    return seen;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static int lies_within(const char *path)
{
    size_t length = strlen(root);
    return length && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

static int is_watched(int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return lies_within(path);
}

/* 0: the call goes on; 1: it fails with errno; 2: it goes on, and then the process is killed; 3: half of it does. */
static int meets(const char *kind)
{
    int result = 0;
    pthread_mutex_lock(&lock);
    if (!strcmp(kind, call) && ++seen == at) {
        if (!strcmp(how, "KILL"))
            die();
        if (!strcmp(how, "LATE"))
            result = 2;
        else if (!strcmp(how, "HALF"))
            result = 3;
        else {
            errno = strcmp(how, "EIO") ? ENOSPC : EIO;
            result = 1;
        }
    }
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    int fault = is_watched(fd) ? meets("write") : 0;
    if (fault == 1)
        return -1;
    ssize_t done = syscall(SYS_write, fd, bytes, fault == 3 ? length / 2 : length);
    if (fault)
        die();
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    int fault = is_watched(fd) ? meets("write") : 0;
    if (fault == 1)
        return -1;
    ssize_t done = syscall(SYS_writev, fd, parts, fault == 3 ? 1 : count);
    if (fault)
        die();
    return done;
}

static ssize_t place(int fd, const void *bytes, size_t length, off_t offset)
{
    int fault = is_watched(fd) ? meets("write") : 0;
    if (fault == 1)
        return -1;
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, fault == 3 ? length / 2 : length, offset);
    if (fault)
        die();
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    return place(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset)
{
    return place(fd, bytes, length, offset);
}

static int sync_with(long number, int fd)
{
    int fault = is_watched(fd) ? meets("sync") : 0;
    if (fault == 1)
        return -1;
    if (fault)
        die();
    (void)number; /* the content is in the system's memory: a test need not wait for a disk */
    return 0;
}

int fsync(int fd)
{
    return sync_with(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_with(SYS_fdatasync, fd);
}

static int rename_with(int from, const char *old, int to, const char *new, unsigned flags)
{
    int fault = lies_within(new) ? meets("rename") : 0;
    if (fault == 1)
        return -1;
    int done = (int)syscall(SYS_renameat2, from, old, to, new, flags);
    if (fault)
        die();
    return done;
}

int rename(const char *old, const char *new)
{
    return rename_with(-100, old, -100, new, 0);
}

int renameat(int from, const char *old, int to, const char *new)
{
    return rename_with(from, old, to, new, 0);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    return rename_with(from, old, to, new, flags);
}
