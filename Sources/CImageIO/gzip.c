// gzip (RFC 1952) inflation over zlib.
#include "internal.h"

#include <stdlib.h>
#include <zlib.h>

/// zlib counts in 32 bits; larger buffers go to it in pieces.
static const size_t piece = (size_t)1 << 30;

typedef struct {
    z_stream stream;
    const uint8_t *input;
    size_t input_left;
    uint8_t *output;
    size_t output_count;
    size_t output_capacity;
    size_t limit;
    const char *reason;
} gzip_reader;

/// Room for at least one more byte, as far as the limit allows.
static cimageio_status grow(gzip_reader *reader) {
    if (reader->output_count < reader->output_capacity) return CIMAGEIO_STATUS_OK;
    if (reader->output_capacity >= reader->limit) {
        reader->reason = "inflates to more than";
        return CIMAGEIO_STATUS_TOO_LARGE;
    }
    size_t capacity = reader->output_capacity == 0 ? 1 << 16 : reader->output_capacity * 2;
    if (capacity > reader->limit) capacity = reader->limit;
    uint8_t *grown = realloc(reader->output, capacity);
    if (grown == NULL) {
        reader->reason = "no memory for the inflated data";
        return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    }
    reader->output = grown;
    reader->output_capacity = capacity;
    return CIMAGEIO_STATUS_OK;
}

/// Inflates one member to its end.
static cimageio_status inflate_member(gzip_reader *reader) {
    z_stream *stream = &reader->stream;
    // At the limit a member may still have its checksum to come, which zlib takes in without room for output. So it
    // is given one spare byte, and to use that is to pass the limit.
    uint8_t spare;
    for (;;) {
        bool full = reader->output_count == reader->limit;
        if (!full) {
            cimageio_status status = grow(reader);
            if (status != CIMAGEIO_STATUS_OK) return status;
        }
        size_t room = full ? 1 : reader->output_capacity - reader->output_count;
        if (room > piece) room = piece;
        size_t offered = reader->input_left < piece ? reader->input_left : piece;
        stream->next_out = full ? &spare : reader->output + reader->output_count;
        stream->avail_out = (uInt)room;
        stream->next_in = (z_const Bytef *)reader->input;
        stream->avail_in = (uInt)offered;

        int code = inflate(stream, Z_NO_FLUSH);
        size_t taken = offered - stream->avail_in;
        size_t given = room - stream->avail_out;
        reader->input += taken;
        reader->input_left -= taken;
        if (full && given > 0) {
            reader->reason = "inflates to more than";
            return CIMAGEIO_STATUS_TOO_LARGE;
        }
        if (!full) reader->output_count += given;
        switch (code) {
        case Z_STREAM_END:
            return CIMAGEIO_STATUS_OK;
        case Z_OK:
            if (taken > 0 || given > 0) continue;
            reader->reason = "the gzip data ends too early";
            return CIMAGEIO_STATUS_CORRUPT;
        case Z_BUF_ERROR:
            reader->reason = "the gzip data ends too early";
            return CIMAGEIO_STATUS_CORRUPT;
        case Z_MEM_ERROR:
            reader->reason = "no memory to inflate";
            return CIMAGEIO_STATUS_OUT_OF_MEMORY;
        default:
            reader->reason = stream->msg != NULL ? stream->msg : "the gzip data is damaged";
            return CIMAGEIO_STATUS_CORRUPT;
        }
    }
}

static bool only_zeros(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

static cimageio_status inflate_members(gzip_reader *reader) {
    do {
        cimageio_status status = inflate_member(reader);
        if (status != CIMAGEIO_STATUS_OK) return status;
        if (inflateReset(&reader->stream) != Z_OK) return CIMAGEIO_STATUS_OUT_OF_MEMORY;
        // Tapes and block devices pad with zeros; anything else must be a member.
        if (only_zeros(reader->input, reader->input_left)) return CIMAGEIO_STATUS_OK;
    } while (reader->input_left > 0);
    return CIMAGEIO_STATUS_OK;
}

cimageio_status cimageio_gunzip(const uint8_t *bytes, size_t count, size_t limit, uint8_t **output,
                                size_t *output_count, char *message, size_t capacity) {
    *output = NULL;
    *output_count = 0;
    if (bytes == NULL || count < 2 || bytes[0] != 0x1F || bytes[1] != 0x8B) {
        cimageio_say(message, capacity, "not gzip by its first bytes");
        return CIMAGEIO_STATUS_UNSUPPORTED;
    }
    gzip_reader reader = {.input = bytes, .input_left = count, .limit = limit};
    // 15: the largest window. 16: a gzip header and trailer, and no other.
    if (inflateInit2(&reader.stream, 15 + 16) != Z_OK) {
        cimageio_say(message, capacity, "zlib could not be started");
        return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    }
    cimageio_status status = inflate_members(&reader);
    if (status == CIMAGEIO_STATUS_OK) {
        *output = reader.output;
        *output_count = reader.output_count;
    } else {
        free(reader.output);
        if (status == CIMAGEIO_STATUS_TOO_LARGE) {
            cimageio_say(message, capacity, "%s the limit of %zu bytes", reader.reason, limit);
        } else {
            cimageio_say(message, capacity, "%s", reader.reason != NULL ? reader.reason : "zlib failed");
        }
    }
    // The reason may lie in the stream, which is why it ends last.
    inflateEnd(&reader.stream);
    return status;
}
