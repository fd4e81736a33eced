// PNG decoding over libpng.
#include "internal.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    cimageio_decoder base;
    png_structp codec;
    png_infop info;
    const uint8_t *bytes;
    size_t count;
    size_t position;
    /// Channels that the codec puts out: 1 to 4, the even ones with alpha.
    uint32_t stored_channels;
    int passes;
    /// One row or, where rows come in several passes, all of them.
    uint8_t *rows;
} png_decoder;

static void escape_with_message(png_structp codec, png_const_charp text) {
    png_decoder *decoder = png_get_error_ptr(codec);
    bool memory = strstr(text, "emory") != NULL;
    cimageio_fail(&decoder->base, memory ? CIMAGEIO_STATUS_OUT_OF_MEMORY : CIMAGEIO_STATUS_CORRUPT, "%s", text);
    png_longjmp(codec, 1);
}

static void stay_silent(png_structp codec, png_const_charp text) {
    (void)codec;
    (void)text;
}

static void take_bytes(png_structp codec, png_bytep target, size_t wanted) {
    png_decoder *decoder = png_get_io_ptr(codec);
    if (wanted > decoder->count - decoder->position) png_error(codec, "the file ends too early");
    memcpy(target, decoder->bytes + decoder->position, wanted);
    decoder->position += wanted;
}

/// Every kind of PNG to 8 bits a channel, with alpha where the file has any.
static void choose_output(png_decoder *decoder) {
    png_structp codec = decoder->codec;
    // Palettes to RGB, 1, 2 and 4 bits to 8, a transparent colour to alpha.
    png_set_expand(codec);
    // 16 bits to 8 by rounding rather than by dropping the lower byte.
    png_set_scale_16(codec);
    decoder->passes = png_set_interlace_handling(codec);
    png_read_update_info(codec, decoder->info);

    decoder->stored_channels = png_get_channels(codec, decoder->info);
    uint32_t channels = decoder->base.options.channels;
    if (channels == 0) channels = decoder->stored_channels <= 2 ? 1 : 3;
    decoder->base.shape = (cimageio_shape){png_get_image_width(codec, decoder->info),
                                           png_get_image_height(codec, decoder->info), channels};
    if (png_get_bit_depth(codec, decoder->info) != 8) png_error(codec, "a bit depth that PNG does not have");
}

static cimageio_status read_pixels(cimageio_decoder *base, uint8_t *pixels) {
    png_decoder *decoder = (png_decoder *)base;
    png_structp codec = decoder->codec;
    cimageio_shape shape = base->shape;
    size_t stride = (size_t)shape.width * shape.channels;
    size_t stored_stride = (size_t)shape.width * decoder->stored_channels;
    bool direct = decoder->stored_channels == shape.channels;
    bool interlaced = decoder->passes > 1;
    if (!direct) {
        decoder->rows = malloc(interlaced ? stored_stride * shape.height : stored_stride);
        if (decoder->rows == NULL) {
            return cimageio_fail(base, CIMAGEIO_STATUS_OUT_OF_MEMORY, "no memory for %ux%u pixels", shape.width,
                                 shape.height);
        }
    }
    if (setjmp(png_jmpbuf(codec))) return base->status;

    // Between passes the codec finds in each row what it left there.
    uint8_t *target = direct ? pixels : decoder->rows;
    size_t step = direct ? stride : interlaced ? stored_stride : 0;
    for (int pass = 0; pass < decoder->passes; pass++) {
        bool complete = pass + 1 == decoder->passes;
        for (uint32_t y = 0; y < shape.height; y++) {
            png_read_row(codec, target + y * step, NULL);
            if (complete && !direct) {
                cimageio_convert_row(target + y * step, decoder->stored_channels, pixels + y * stride,
                                     shape.channels, shape.width);
            }
        }
    }
    // Reads to the end chunk, so that a file cut after its last row is noticed as well.
    png_read_end(codec, NULL);
    return CIMAGEIO_STATUS_OK;
}

static void close_decoder(cimageio_decoder *base) {
    png_decoder *decoder = (png_decoder *)base;
    png_destroy_read_struct(&decoder->codec, &decoder->info, NULL);
    free(decoder->rows);
    free(decoder);
}

cimageio_decoder *cimageio_png_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options) {
    png_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) return NULL;
    cimageio_decoder *base = &decoder->base;
    cimageio_begin(base, read_pixels, close_decoder, options);
    decoder->bytes = bytes;
    decoder->count = count;
    decoder->codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, escape_with_message, stay_silent);
    if (decoder->codec != NULL) decoder->info = png_create_info_struct(decoder->codec);
    if (decoder->info == NULL) {
        cimageio_fail(base, CIMAGEIO_STATUS_OUT_OF_MEMORY, "libpng could not be started");
        return base;
    }
    if (setjmp(png_jmpbuf(decoder->codec))) return base;

    // The limits are checked below, in words; the library's own would only say that the header is invalid.
    png_set_user_limits(decoder->codec, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // Texts and colour profiles are not looked at, and so need not be inflated. Transparency is always kept.
    png_set_keep_unknown_chunks(decoder->codec, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_read_fn(decoder->codec, decoder, take_bytes);
    png_read_info(decoder->codec, decoder->info);
    if (cimageio_check_size(base, png_get_image_width(decoder->codec, decoder->info),
                            png_get_image_height(decoder->codec, decoder->info)) == CIMAGEIO_STATUS_OK) {
        choose_output(decoder);
    }
    return base;
}
