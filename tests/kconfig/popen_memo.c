/* Preloaded into the C conf: what popen() gave for a command is kept in $POPEN_MEMO and given again. The probes are the
   same in each run of a tree, and take far longer than the rest. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

FILE *popen(const char *command, const char *type)
{
	FILE *(*real)(const char *, const char *) = dlsym(RTLD_NEXT, "popen");
	int (*end)(FILE *) = dlsym(RTLD_NEXT, "pclose");
	const char *folder = getenv("POPEN_MEMO");
	uint64_t hash = 0xcbf29ce484222325u;
	char path[4096], scratch[4200], buffer[65536];

	if (!folder)
		return real(command, type);
	for (const char *c = command; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
	snprintf(path, sizeof(path), "%s/%016llx", folder, (unsigned long long)hash);
	if (access(path, R_OK)) {
		FILE *answer = real(command, type), *out;
		size_t n = answer ? fread(buffer, 1, sizeof(buffer), answer) : 0;
		if (answer)
			end(answer);
		snprintf(scratch, sizeof(scratch), "%s.%d", path, (int)getpid());
		out = fopen(scratch, "w");
		if (!out)
			return NULL;
		fwrite(buffer, 1, n, out);
		fclose(out);
		rename(scratch, path);
	}
	return fopen(path, "r");
}

int pclose(FILE *stream)
{
	return fclose(stream);
}
