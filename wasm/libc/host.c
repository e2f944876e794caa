/*
 * The bottom of the C library: what an operating system would do. Standard output and error go to the host,
 * time comes from the host, and whatever needs files or processes fails with an errno, as on a system that forbids it.
 */
#include "stdio_impl.h"
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IMPORT(name) __attribute__((import_module("heaplaw"), import_name(name)))

/* Bytes for the host's sink. stream: 1 is standard output, 2 standard error. */
IMPORT("write") void heaplaw_write(int stream, const unsigned char *bytes, size_t length);
/* Milliseconds since 1970, UTC. */
IMPORT("time") double heaplaw_time(void);
/* Milliseconds since any fixed moment. */
IMPORT("clock") double heaplaw_clock(void);

#undef errno
_Thread_local int errno;

size_t __stdio_write(FILE *f, const unsigned char *bytes, size_t length) {
  size_t buffered = f->wpos - f->wbase;
  if (buffered > 0) heaplaw_write(f->fd, f->wbase, buffered);
  if (length > 0) heaplaw_write(f->fd, bytes, length);
  f->wend = f->buf + f->buf_size;
  f->wpos = f->wbase = f->buf;
  return length;
}

size_t __stdout_write(FILE *f, const unsigned char *bytes, size_t length) {
  f->write = __stdio_write;
  return __stdio_write(f, bytes, length);
}

/* Standard input is empty. */
size_t __stdio_read(FILE *f, unsigned char *bytes, size_t length) {
  (void)bytes, (void)length;
  f->flags |= F_EOF;
  return 0;
}

static int refuse(int reason) {
  errno = reason;
  return -1;
}

off_t __stdio_seek(FILE *f, off_t distance, int origin) { return (void)f, (void)distance, (void)origin, refuse(ESPIPE); }
int __stdio_close(FILE *f) { return (void)f, refuse(EBADF); }
void __stdio_exit_needed(void) {}

/* The list of open files is empty: there are only the three streams. */
static FILE *open_files;
FILE **__ofl_lock(void) { return &open_files; }
void __ofl_unlock(void) {}

/*
 * Forgets what is buffered: a run that ended in a trap may leave bytes or a half-written state behind. Standard output
 * is fully buffered, as where it is no terminal: print flushes, so a line reaches the host in one piece.
 */
void heaplaw_drop_output(void) {
  FILE *streams[] = {stdin, stdout, stderr};
  for (int i = 0; i < 3; i++) {
    streams[i]->wpos = streams[i]->wbase = streams[i]->wend = 0;
    streams[i]->rpos = streams[i]->rend = 0;
    streams[i]->flags &= ~(F_EOF | F_ERR);
  }
  stdout->lbf = -1;
}

void heaplaw_flush_output(void) {
  fflush(stdout);
  fflush(stderr);
}

FILE *fopen(const char *path, const char *mode) { return (void)path, (void)mode, refuse(ENOENT), NULL; }
FILE *freopen(const char *path, const char *mode, FILE *f) { return (void)path, (void)mode, (void)f, refuse(ENOENT), NULL; }
FILE *tmpfile(void) { return refuse(EROFS), NULL; }
char *tmpnam(char *name) { return (void)name, NULL; }
int fclose(FILE *f) { return fflush(f); }
int fseek(FILE *f, long distance, int origin) { return (void)f, (void)distance, (void)origin, refuse(ESPIPE); }
long ftell(FILE *f) { return (void)f, refuse(ESPIPE); }
int remove(const char *path) { return (void)path, refuse(ENOENT); }
int rename(const char *from, const char *to) { return (void)from, (void)to, refuse(ENOENT); }
char *getenv(const char *name) { return (void)name, NULL; }
/* No shell: os.execute() is false and os.execute(command) fails. */
int system(const char *command) { return command == NULL ? 0 : refuse(ENOSYS); }

/* vm.zig gives os.exit a Lua error instead, so nothing calls this. */
_Noreturn void exit(int status) { (void)status; __builtin_trap(); }
_Noreturn void abort(void) { __builtin_trap(); }

time_t time(time_t *result) {
  time_t seconds = (time_t)(heaplaw_time() / 1000);
  if (result != NULL) *result = seconds;
  return seconds;
}

/* Processor time, as far as a host can tell it. */
clock_t clock(void) { return (clock_t)(heaplaw_clock() * (CLOCKS_PER_SEC / 1000)); }

/* There is one locale, "C". */
char *setlocale(int category, const char *name) {
  (void)category;
  if (name == NULL || *name == 0 || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0) return "C";
  return NULL;
}

/* There is one time zone, UTC. */
const char __utc[] = "UTC";

void __secs_to_zone(long long seconds, int local, int *is_dst, int *offset, long *opposite, const char **name) {
  (void)seconds, (void)local;
  *is_dst = 0;
  *offset = 0;
  if (opposite != NULL) *opposite = 0;
  *name = __utc;
}

const char *__tm_to_tzname(const struct tm *tm) { return (void)tm, __utc; }
