/* What Lua's library files name and the WASI headers leave out. The bodies, which all refuse, are in host.c. */
#pragma once
#include <stdio.h>
#define L_tmpnam 20
char *tmpnam(char *);
FILE *tmpfile(void);
int system(const char *);
