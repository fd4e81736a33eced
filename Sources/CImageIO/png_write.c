// PNG encoding over libpng.
#include "internal.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    png_structp codec;
    png_infop info;
    uint8_t *bytes;
    size_t count;
    size_t capacity;
    char message[CIMAGEIO_MESSAGE_CAPACITY];
} png_encoder;

static void escape_with_message(png_structp codec, png_const_charp text) {
    png_encoder *encoder = png_get_error_ptr(codec);
    cimageio_say(encoder->message, sizeof encoder->message, "%s", text);
    png_longjmp(codec, 1);
}

static void stay_silent(png_structp codec, png_const_charp text) {
    (void)codec;
    (void)text;
}

static void append_bytes(png_structp codec, png_bytep source, size_t count) {
    png_encoder *encoder = png_get_io_ptr(codec);
    if (count > encoder->capacity - encoder->count) {
        size_t capacity = encoder->capacity * 2 + count + 4096;
        uint8_t *grown = realloc(encoder->bytes, capacity);
        if (grown == NULL) png_error(codec, "no memory for the encoded image");
        encoder->bytes = grown;
        encoder->capacity = capacity;
    }
    memcpy(encoder->bytes + encoder->count, source, count);
    encoder->count += count;
}

static void flush_nothing(png_structp codec) {
    (void)codec;
}

/// Whether all rows were written.
static bool encode(png_encoder *encoder, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                   const uint8_t *palette, uint32_t colours, int compression) {
    png_structp codec = encoder->codec;
    if (setjmp(png_jmpbuf(codec))) return false;
    png_set_write_fn(codec, encoder, append_bytes, flush_nothing);
    png_set_compression_level(codec, compression);
    int grey = palette == NULL ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_PALETTE;
    png_set_IHDR(codec, encoder->info, width, height, 8, channels == 1 ? grey : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (palette != NULL) {
        png_color entries[256];
        for (uint32_t i = 0; i < colours; i++) {
            entries[i] = (png_color){palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]};
        }
        png_set_PLTE(codec, encoder->info, entries, (int)colours);
    }
    png_write_info(codec, encoder->info);
    for (uint32_t y = 0; y < height; y++) png_write_row(codec, pixels + (size_t)y * width * channels);
    png_write_end(codec, encoder->info);
    return true;
}

cimageio_status cimageio_encode_png(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                                    const uint8_t *palette, uint32_t colours, int compression, uint8_t **bytes, size_t *count, char *message,
                                    size_t capacity) {
    *bytes = NULL;
    *count = 0;
    if (pixels == NULL || width == 0 || height == 0 || (channels != 1 && channels != 3) || compression < 0 ||
        compression > 9 || (palette != NULL && (channels != 1 || colours == 0 || colours > 256))) {
        cimageio_say(message, capacity, "%ux%u pixels of %u channels at compression %d cannot be encoded", width,
                     height, channels, compression);
        return CIMAGEIO_STATUS_MISUSE;
    }
    png_encoder encoder = {0};
    encoder.codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoder, escape_with_message, stay_silent);
    if (encoder.codec != NULL) encoder.info = png_create_info_struct(encoder.codec);
    if (encoder.info == NULL) {
        png_destroy_write_struct(&encoder.codec, NULL);
        cimageio_say(message, capacity, "libpng could not be started");
        return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    }
    bool complete = encode(&encoder, pixels, width, height, channels, palette, colours, compression);
    png_destroy_write_struct(&encoder.codec, &encoder.info);
    if (!complete) {
        free(encoder.bytes);
        cimageio_say(message, capacity, "%s", encoder.message);
        return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    }
    *bytes = encoder.bytes;
    *count = encoder.count;
    return CIMAGEIO_STATUS_OK;
}
