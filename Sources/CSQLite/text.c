#include "csqlite.h"

int csqlite_bind_text(sqlite3_stmt *statement, int parameter, const char *text, sqlite3_uint64 length) {
    return sqlite3_bind_text64(statement, parameter, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}
