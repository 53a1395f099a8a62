#ifndef HOST_SQLITE_SHIM_H
#define HOST_SQLITE_SHIM_H

#include <sqlite3.h>

/* A casted constant, which Swift cannot import: SQLite copies the bytes before the call returns. */
static inline sqlite3_destructor_type host_sqlite_transient(void) { return SQLITE_TRANSIENT; }

/* A call with a variable list of arguments, which Swift cannot make: nobody asks how much memory SQLite has, and it
   would take a lock at each piece to know. Before the library is used. */
static inline int host_sqlite_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

#endif
