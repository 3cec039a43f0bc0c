/* A disk that forgets what was not flushed, for LD_PRELOAD. tests/support/faults/powercuts.py compiles it.
 *
 * Below POWERCUT_ROOT each fsync or fdatasync of a file puts a copy of its bytes, as they are then, into
 * POWERCUT_SHADOW/bytes, and brings the names of its folder up to date in POWERCUT_SHADOW/names, as ext4
 * and XFS do: renames, deletions, new names of files that were flushed. The fsync of a folder does the
 * latter. The power cut: kill -9 of every process; then the folder is built from the shadow alone, which
 * is what a disk that honors flushes and nothing else would have kept.
 *
 * POWERCUT_LOG: one line for each flush, to count them. POWERCUT_DELAY_US: how long each takes.
 * POWERCUT_FAIL: while this file exists, flushes of a write-ahead log fail with EIO.
 * Not seen: static programs, io_uring, msync.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static int copy(int from, const char *to) {
    char part[PATH_MAX], buffer[1 << 16], own[64];
    snprintf(part, sizeof part, "%s.%d.%lx", to, getpid(), (unsigned long)&part);
    snprintf(own, sizeof own, "/proc/self/fd/%d", from); /* the descriptor may be for writing only */
    int in = open(own, O_RDONLY | O_CLOEXEC), out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n = -1;
    off_t at = 0;
    if (in >= 0 && out >= 0)
        while ((n = pread(in, buffer, sizeof buffer, at)) > 0 && write(out, buffer, n) == n) at += n;
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    return n == 0 ? rename(part, to) : -1;
}

/* names/<path, "/" written as "%"> holds the inode's number */
static void name_file(char *into, const char *shadow, const char *path) {
    snprintf(into, PATH_MAX, "%s/names/%s", shadow, path);
    for (char *c = into + strlen(shadow) + 7; *c; c++)
        if (*c == '/') *c = '%';
}

/* An inode's number is used again after a deletion. The time of its birth tells them apart. */
static void identity(char *into, size_t size, const char *file) {
    struct statx facts = {0};
    statx(AT_FDCWD, file, 0, STATX_INO | STATX_BTIME, &facts);
    snprintf(into, size, "%llu.%lld.%u", (unsigned long long)facts.stx_ino,
             (long long)facts.stx_btime.tv_sec, facts.stx_btime.tv_nsec);
}

static void put_name(const char *shadow, const char *path, const char *id) {
    char file[PATH_MAX], part[PATH_MAX];
    name_file(file, shadow, path);
    snprintf(part, sizeof part, "%s/part.%d.%lx", shadow, getpid(), (unsigned long)&part);
    FILE *out = fopen(part, "w");
    if (out) { fputs(id, out); fclose(out); rename(part, file); } /* a kill leaves the old or the new one */
}

static void folder(const char *shadow, const char *root, const char *path) {
    char file[PATH_MAX], known[PATH_MAX], below[PATH_MAX], id[64];
    struct stat facts;
    struct dirent *entry;
    const char *rest = path + strlen(root);
    DIR *names = opendir((snprintf(known, sizeof known, "%s/names", shadow), known));
    /* gone: names of this folder that are no more */
    snprintf(below, sizeof below, "%s/", *rest ? rest + 1 : "");
    for (char *c = below; *c; c++) if (*c == '/') *c = '%';
    if (!*rest) below[0] = 0;
    while (names && (entry = readdir(names))) {
        const char *tail = entry->d_name + strlen(below);
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, below, strlen(below)) || strchr(tail, '%')) continue;
        snprintf(file, sizeof file, "%s/%s", path, tail);
        if (lstat(file, &facts)) {
            snprintf(known, sizeof known, "%s/names/%s", shadow, entry->d_name);
            unlink(known);
        }
    }
    if (names) closedir(names);
    DIR *here = opendir(path);
    while (here && (entry = readdir(here))) {
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (lstat(file, &facts) || !S_ISREG(facts.st_mode)) continue;
        identity(id, sizeof id, file);
        snprintf(known, sizeof known, "%s/bytes/%s", shadow, id);
        if (!access(known, F_OK)) put_name(shadow, file + strlen(root) + 1, id);
    }
    if (here) closedir(here);
}

static void flushed(int fd, const char *call) {
    const char *root = getenv("POWERCUT_ROOT"), *shadow = getenv("POWERCUT_SHADOW");
    const char *delay = getenv("POWERCUT_DELAY_US"), *log = getenv("POWERCUT_LOG");
    char own[64], path[PATH_MAX], to[PATH_MAX];
    struct stat facts;
    int before = errno;
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(own, path, sizeof path - 1);
    if (!root || n < 0 || fstat(fd, &facts)) return;
    path[n] = 0;
    if (strncmp(path, root, strlen(root))) return;
    if (delay) {
        long us = atol(delay);
        struct timespec t = {us / 1000000, us % 1000000 * 1000};
        nanosleep(&t, 0);
    }
    if (shadow) {
        int lock = open((snprintf(to, sizeof to, "%s/lock", shadow), to), O_CREAT | O_RDWR, 0600);
        flock(lock, LOCK_EX);
        if (!S_ISDIR(facts.st_mode) && facts.st_nlink) {
            char id[64], *end = strrchr(path, '/');
            identity(id, sizeof id, own);
            snprintf(to, sizeof to, "%s/bytes/%s", shadow, id);
            if (copy(fd, to)) abort(); /* a test that cannot see says so */
            *end = 0; /* ext4 and XFS: a flush takes all earlier changes of names with it */
            folder(shadow, root, path);
            *end = '/';
        } else if (S_ISDIR(facts.st_mode)) folder(shadow, root, path);
        close(lock);
    }
    int out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (out >= 0) {
        n = snprintf(to, sizeof to, "%d %s %s\n", getpid(), call, path);
        if (write(out, to, n)) {}
        close(out);
    }
    errno = before;
}

/* whether this flush is to fail */
static int refused(int fd) {
    const char *marker = getenv("POWERCUT_FAIL");
    char own[64], path[PATH_MAX];
    if (!marker || access(marker, F_OK)) return 0;
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(own, path, sizeof path - 1);
    return n > 4 && !strncmp(path + n - 4, "-wal", 4);
}

#define WRAP(name)                                          \
    int name(int fd) {                                      \
        static int (*real)(int);                            \
        if (!real) real = dlsym(RTLD_NEXT, #name);          \
        if (refused(fd)) {                                  \
            errno = EIO;                                    \
            return -1;                                      \
        }                                                   \
        int done = real(fd);                                \
        if (!done) flushed(fd, #name);                      \
        return done;                                        \
    }
WRAP(fsync)
WRAP(fdatasync)
