#include "czip.h"
#include <zlib.h>

/// zlib counts in 32 bits: what is offered to it at once.
static const size_t piece = 1u << 30;

const char *czip_inflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t size) {
    z_stream stream = {0};
    // -15: the largest window, and neither header nor trailer.
    if (inflateInit2(&stream, -15) != Z_OK) return "zlib could not be started";
    // With its room used up, the data may still have its end to come, which zlib takes in without giving output. To use
    // the spare byte is to give too much.
    uint8_t spare;
    const char *reason = NULL;
    for (;;) {
        size_t offered = count < piece ? count : piece;
        size_t room = size == 0 ? 1 : size < piece ? size : piece;
        stream.next_in = (z_const Bytef *)bytes;
        stream.avail_in = (uInt)offered;
        stream.next_out = size == 0 ? &spare : output;
        stream.avail_out = (uInt)room;
        int code = inflate(&stream, Z_NO_FLUSH);
        size_t taken = offered - stream.avail_in;
        size_t given = room - stream.avail_out;
        if (given > size) {
            reason = "its data inflates to more than it should";
            break;
        }
        bytes += taken;
        count -= taken;
        output += given;
        size -= given;
        if (code == Z_STREAM_END) {
            if (size > 0) reason = "its data inflates to less than it should";
            if (count > 0) reason = "bytes follow its data";
            break;
        }
        if ((code == Z_OK || code == Z_BUF_ERROR) && (taken > 0 || given > 0)) continue;
        reason = code == Z_OK || code == Z_BUF_ERROR ? "its data ends too early"
                 : code == Z_MEM_ERROR               ? "there is no memory to inflate it"
                                                     : "its data is damaged";
        break;
    }
    inflateEnd(&stream);
    return reason;
}

uint32_t czip_crc32(uint32_t before, const void *bytes, size_t count) {
    // Without bytes, zlib would start anew.
    return count == 0 ? before : (uint32_t)crc32_z(before, bytes, count);
}
