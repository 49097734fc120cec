/* What disk.c needs of branch.c. */
#ifndef RIG_BRANCH_H
#define RIG_BRANCH_H

/* Return which fault this call is to meet, in a copy of this process; 0 in the process that goes on. */
int branched_at(long call);

/* Whether this process is such a copy. */
int is_copy(void);

/* Take a file's name away without ending its inode, which the process that goes on may have open; as unlink returns. */
int put_aside(const char *path);

#endif
