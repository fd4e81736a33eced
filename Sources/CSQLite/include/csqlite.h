/// SQLite of the system, and the one call of it that Swift cannot make.
#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Binds a copy of `length` bytes of UTF-8 to the parameter of that number, counted from 1. SQLite asks for the copy by
/// SQLITE_TRANSIENT, a macro that Swift does not import. Answers with a result code of SQLite.
int csqlite_bind_text(sqlite3_stmt *statement, int parameter, const char *text, sqlite3_uint64 length);

#ifdef __cplusplus
}
#endif

#endif
