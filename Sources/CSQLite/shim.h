#ifndef HOST_SQLITE_SHIM_H
#define HOST_SQLITE_SHIM_H

#include <sqlite3.h>

/* A casted constant, which Swift cannot import: SQLite copies the bytes before the call returns. */
static inline sqlite3_destructor_type host_sqlite_transient(void) { return SQLITE_TRANSIENT; }

#endif
