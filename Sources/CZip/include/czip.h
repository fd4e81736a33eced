/// Inflation of the records of zip archives, and their checksum.
///
/// The functions keep no state: any number of threads may call them at once.
#ifndef CZIP_H
#define CZIP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Inflates raw deflate data, which must give exactly `size` bytes and end where they end.
///
/// @param bytes,count the deflated data.
/// @param output,size where the result goes; filled in part where the data is damaged.
/// @return NULL, or in a few words what is wrong: static text.
const char *czip_inflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t size);

/// CRC-32, the checksum of zip archives (ISO 3309), of what came before (0 at the start) and `count` bytes more.
uint32_t czip_crc32(uint32_t before, const void *bytes, size_t count);

#ifdef __cplusplus
}
#endif
#endif
