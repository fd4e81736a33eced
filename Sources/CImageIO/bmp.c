// BMP decoding: 1, 4, 8, 16, 24 and 32 bits, palettes, run lengths, masks, rows from below and from above.
#include "bmp.h"

#include <stdlib.h>

/// What became of a file that says more, or less, than its header.
static cimageio_status fail(bmp_decoder *decoder, const char *words) {
    return cimageio_fail(&decoder->base, CIMAGEIO_STATUS_CORRUPT, "%s", words);
}

/// The row of the result at which row `y` of the file stands.
static uint8_t *row_at(const bmp_decoder *decoder, uint8_t *pixels, uint32_t y) {
    const cimageio_shape *shape = &decoder->base.shape;
    uint32_t row = decoder->is_top_down ? y : shape->height - 1 - y;
    return pixels + (size_t)row * shape->width * shape->channels;
}

static void put(const uint8_t *colour, uint32_t stored_channels, uint8_t *row, uint32_t x, uint32_t channels) {
    cimageio_convert_row(colour, stored_channels, row + (size_t)x * channels, channels, 1);
}

// MARK: - Rows of pixels as they are

static bool put_indices(const bmp_decoder *decoder, const uint8_t *source, uint8_t *row) {
    uint32_t bits = decoder->bits, mask = (1u << bits) - 1;
    for (uint32_t x = 0; x < decoder->width; x++) {
        size_t place = (size_t)x * bits;
        uint32_t index = source[place / 8] >> (8 - bits - place % 8) & mask;
        if (index >= decoder->colours) return false;
        put(decoder->palette[index], 3, row, x, decoder->base.shape.channels);
    }
    return true;
}

/// A channel's value on the scale to 255; those of fewer bits are rounded down, as other readers do.
static uint8_t value_of(uint32_t pixel, bmp_channel channel) {
    uint64_t value = pixel >> channel.shift & channel.maximum;
    return (uint8_t)(value * 255 / channel.maximum);
}

static void put_colours(const bmp_decoder *decoder, const uint8_t *source, uint8_t *row) {
    uint32_t bytes = decoder->bits / 8;
    bool has_alpha = decoder->channels[3].maximum != 0;
    for (uint32_t x = 0; x < decoder->width; x++, source += bytes) {
        uint32_t pixel = 0;
        for (uint32_t i = 0; i < bytes; i++) pixel |= (uint32_t)source[i] << 8 * i;
        uint8_t colour[4] = {0, 0, 0, 255};
        for (int i = 0; i < (has_alpha ? 4 : 3); i++) colour[i] = value_of(pixel, decoder->channels[i]);
        put(colour, has_alpha ? 4 : 3, row, x, decoder->base.shape.channels);
    }
}

static cimageio_status read_rows(bmp_decoder *decoder, uint8_t *pixels) {
    size_t used = ((size_t)decoder->width * decoder->bits + 7) / 8;
    size_t stride = (used + 3) / 4 * 4;
    // The last row's padding may be missing.
    size_t needed = stride * (decoder->height - 1) + used;
    if (decoder->count - decoder->pixels < needed) return fail(decoder, "the file ends too early");
    for (uint32_t y = 0; y < decoder->height; y++) {
        const uint8_t *source = decoder->bytes + decoder->pixels + stride * y;
        uint8_t *row = row_at(decoder, pixels, y);
        if (decoder->bits > 8) {
            put_colours(decoder, source, row);
        } else if (!put_indices(decoder, source, row)) {
            return fail(decoder, "a pixel's colour is not in the palette");
        }
    }
    return CIMAGEIO_STATUS_OK;
}

// MARK: - Run lengths

/// Where the next pixel goes, in the file's order of rows.
typedef struct {
    uint32_t x, y;
} cursor;

/// `length` pixels from `source`: of a run the same one or two again and again. What goes beyond the row is dropped, as
/// writers round the runs of odd rows up. False for a colour that is not in the palette.
static bool put_run(const bmp_decoder *decoder, cursor *at, const uint8_t *source, uint32_t length, bool is_run,
                    uint8_t *pixels) {
    bool halves = decoder->compression == bmp_rle4;
    uint8_t *row = row_at(decoder, pixels, at->y);
    for (uint32_t i = 0; i < length && at->x < decoder->width; i++) {
        uint8_t byte = source[is_run ? 0 : halves ? i / 2 : i];
        uint32_t index = !halves ? byte : i % 2 == 0 ? byte >> 4 : byte & 15;
        if (index >= decoder->colours) return false;
        put(decoder->palette[index], 3, row, at->x++, decoder->base.shape.channels);
    }
    return true;
}

static cimageio_status read_runs(bmp_decoder *decoder, uint8_t *pixels) {
    enum { end_of_line = 0, end_of_bitmap = 1, move = 2 };
    // What is passed over has the palette's first colour.
    for (uint32_t y = 0; y < decoder->height; y++) {
        uint8_t *row = row_at(decoder, pixels, y);
        for (uint32_t x = 0; x < decoder->width; x++) put(decoder->palette[0], 3, row, x, decoder->base.shape.channels);
    }
    const uint8_t *bytes = decoder->bytes + decoder->pixels;
    size_t left = decoder->count - decoder->pixels;
    cursor at = {0, 0};
    while (at.y < decoder->height) {
        // The mark of the end may be missing once the last row is full.
        if (left < 2 && at.y == decoder->height - 1 && at.x >= decoder->width) return CIMAGEIO_STATUS_OK;
        if (left < 2) return fail(decoder, "the file ends too early");
        uint32_t length = bytes[0], code = bytes[1];
        size_t taken = 2;
        if (length > 0) {
            if (!put_run(decoder, &at, bytes + 1, length, true, pixels)) {
                return fail(decoder, "a pixel's colour is not in the palette");
            }
        } else if (code == end_of_bitmap) {
            return CIMAGEIO_STATUS_OK;
        } else if (code == end_of_line) {
            at = (cursor){0, at.y + 1};
        } else if (code == move) {
            if (left < 4) return fail(decoder, "the file ends too early");
            at = (cursor){at.x + bytes[2], at.y + bytes[3]};
            taken = 4;
        } else {
            size_t data = decoder->compression == bmp_rle4 ? (code + 1) / 2 : code;
            taken = 2 + (data + 1) / 2 * 2;
            if (left < 2 + data) return fail(decoder, "the file ends too early");
            if (!put_run(decoder, &at, bytes + 2, code, false, pixels)) {
                return fail(decoder, "a pixel's colour is not in the palette");
            }
            if (taken > left) taken = left;
        }
        bytes += taken;
        left -= taken;
    }
    return CIMAGEIO_STATUS_OK;
}

// MARK: - The decoder

static cimageio_status read_pixels(cimageio_decoder *base, uint8_t *pixels) {
    bmp_decoder *decoder = (bmp_decoder *)base;
    bool has_runs = decoder->compression == bmp_rle8 || decoder->compression == bmp_rle4;
    return has_runs ? read_runs(decoder, pixels) : read_rows(decoder, pixels);
}

static void close_decoder(cimageio_decoder *base) {
    free(base);
}

/// A BMP of grey has no kind of its own, but a palette of greys.
static bool is_grey(const bmp_decoder *decoder) {
    for (uint32_t i = 0; i < decoder->colours; i++) {
        const uint8_t *colour = decoder->palette[i];
        if (colour[0] != colour[1] || colour[1] != colour[2]) return false;
    }
    return decoder->bits <= 8;
}

cimageio_decoder *cimageio_bmp_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options) {
    bmp_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) return NULL;
    cimageio_decoder *base = &decoder->base;
    cimageio_begin(base, read_pixels, close_decoder, options);
    decoder->bytes = bytes;
    decoder->count = count;
    if (cimageio_bmp_header(decoder) != CIMAGEIO_STATUS_OK) return base;
    uint32_t channels = options->channels != 0 ? options->channels : is_grey(decoder) ? 1 : 3;
    base->shape = (cimageio_shape){decoder->width, decoder->height, channels};
    return base;
}
