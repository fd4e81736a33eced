// PNG files whose values mean something themselves: masks, and cut-outs with their transparency.
#include "internal.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    size_t count;
    size_t position;
    /// What was taken, so that it can be given back wherever the codec jumps from.
    uint8_t *values;
    png_bytep *rows;
    cimageio_status status;
    char message[CIMAGEIO_MESSAGE_CAPACITY];
} png_source;

static void escape_with_message(png_structp codec, png_const_charp text) {
    png_source *source = png_get_error_ptr(codec);
    source->status = strstr(text, "emory") != NULL ? CIMAGEIO_STATUS_OUT_OF_MEMORY : CIMAGEIO_STATUS_CORRUPT;
    cimageio_say(source->message, sizeof source->message, "%s", text);
    png_longjmp(codec, 1);
}

static void stay_silent(png_structp codec, png_const_charp text) {
    (void)codec;
    (void)text;
}

static void take_bytes(png_structp codec, png_bytep target, size_t wanted) {
    png_source *source = png_get_io_ptr(codec);
    if (wanted > source->count - source->position) png_error(codec, "the file ends too early");
    memcpy(target, source->bytes + source->position, wanted);
    source->position += wanted;
}

static void copy_palette(png_structp codec, png_infop info, cimageio_stored *stored) {
    png_colorp palette = NULL;
    int count = 0;
    if (png_get_PLTE(codec, info, &palette, &count) == 0) return;
    stored->palette_count = (uint32_t)(count > 256 ? 256 : count);
    for (uint32_t index = 0; index < stored->palette_count; index++) {
        stored->palette[3 * index] = palette[index].red;
        stored->palette[3 * index + 1] = palette[index].green;
        stored->palette[3 * index + 2] = palette[index].blue;
    }
}

/// Keeps the values as the file has them: indices of a palette, grey of any depth unscaled. Alpha is left out.
static void keep_values(png_structp codec, png_infop info, cimageio_stored *stored) {
    int type = png_get_color_type(codec, info);
    if (type == PNG_COLOR_TYPE_PALETTE) copy_palette(codec, info, stored);
    png_set_packing(codec);
    if (type & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(codec);
    // Two bytes a value stay, and are judged one by one.
    stored->bits = png_get_bit_depth(codec, info);
}

/// Everything to red, green, blue and alpha.
static void keep_alpha(png_structp codec, cimageio_stored *stored) {
    png_set_expand(codec);
    png_set_scale_16(codec);
    png_set_gray_to_rgb(codec);
    png_set_add_alpha(codec, 255, PNG_FILLER_AFTER);
    stored->bits = 8;
}

static void read_all(png_structp codec, png_infop info, png_source *source, const cimageio_options *limits, int alpha,
                     cimageio_stored *stored) {
    if (setjmp(png_jmpbuf(codec))) return;
    png_set_user_limits(codec, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_keep_unknown_chunks(codec, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_read_fn(codec, source, take_bytes);
    png_read_info(codec, info);
    uint32_t width = png_get_image_width(codec, info);
    uint32_t height = png_get_image_height(codec, info);
    if (width > limits->maximum_side || height > limits->maximum_side ||
        (uint64_t)width * height > limits->maximum_pixels) {
        source->status = CIMAGEIO_STATUS_TOO_LARGE;
        cimageio_say(source->message, sizeof source->message, "%ux%u pixels; a side may have at most %u, an image %llu",
                     width, height, limits->maximum_side, (unsigned long long)limits->maximum_pixels);
        return;
    }
    if (alpha) {
        keep_alpha(codec, stored);
    } else {
        keep_values(codec, info, stored);
    }
    png_set_interlace_handling(codec);
    png_read_update_info(codec, info);
    size_t stride = png_get_rowbytes(codec, info);
    stored->width = width;
    stored->height = height;
    stored->channels = png_get_channels(codec, info);
    source->values = malloc(stride * height);
    source->rows = malloc(height * sizeof *source->rows);
    if (source->values == NULL || source->rows == NULL) png_error(codec, "no memory for the pixels");
    for (uint32_t y = 0; y < height; y++) source->rows[y] = source->values + y * stride;
    png_read_image(codec, source->rows);
    png_read_end(codec, NULL);
    source->status = CIMAGEIO_STATUS_OK;
}

/// Values of two bytes to one, in place. Whether all of them fit.
static bool fits_one_byte(uint8_t *values, size_t count) {
    for (size_t place = 0; place < count; place++) {
        if (values[2 * place] != 0) return false;
        values[place] = values[2 * place + 1];
    }
    return true;
}

cimageio_status cimageio_read_stored_png(const uint8_t *bytes, size_t count, const cimageio_options *limits, int alpha,
                                         cimageio_stored *stored, char *message, size_t capacity) {
    memset(stored, 0, sizeof *stored);
    if (cimageio_format_of(bytes, count) != CIMAGEIO_FORMAT_PNG) {
        cimageio_say(message, capacity, count == 0 ? "the file is empty" : "it is no PNG by its first bytes");
        return CIMAGEIO_STATUS_UNSUPPORTED;
    }
    png_source source = {.bytes = bytes, .count = count, .status = CIMAGEIO_STATUS_CORRUPT};
    png_structp codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, escape_with_message, stay_silent);
    png_infop info = codec != NULL ? png_create_info_struct(codec) : NULL;
    if (info == NULL) {
        png_destroy_read_struct(&codec, NULL, NULL);
        cimageio_say(message, capacity, "libpng could not be started");
        return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    }
    read_all(codec, info, &source, limits, alpha, stored);
    png_destroy_read_struct(&codec, &info, NULL);
    free(source.rows);
    if (source.status == CIMAGEIO_STATUS_OK && stored->bits == 16) {
        size_t all = (size_t)stored->width * stored->height * stored->channels;
        if (!fits_one_byte(source.values, all)) {
            source.status = CIMAGEIO_STATUS_UNSUPPORTED;
            cimageio_say(source.message, sizeof source.message,
                         "it has values of 16 bits above 255, and at most 255 classes are read");
        }
    }
    if (source.status != CIMAGEIO_STATUS_OK) {
        free(source.values);
        memset(stored, 0, sizeof *stored);
        cimageio_say(message, capacity, "%s", source.message);
        return source.status;
    }
    stored->values = source.values;
    return CIMAGEIO_STATUS_OK;
}
