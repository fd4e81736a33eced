// The decoders' common face: which format, which limits, which channels.
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(char *message, size_t capacity, const char *format, va_list arguments) {
    if (message != NULL && capacity > 0) vsnprintf(message, capacity, format, arguments);
}

void cimageio_say(char *message, size_t capacity, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(message, capacity, format, arguments);
    va_end(arguments);
}

cimageio_status cimageio_fail(cimageio_decoder *decoder, cimageio_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(decoder->message, sizeof decoder->message, format, arguments);
    va_end(arguments);
    decoder->status = status;
    return status;
}

cimageio_status cimageio_check_size(cimageio_decoder *decoder, uint32_t width, uint32_t height) {
    const cimageio_options *limits = &decoder->options;
    if (width == 0 || height == 0) {
        return cimageio_fail(decoder, CIMAGEIO_STATUS_CORRUPT, "the image is empty (%ux%u)", width, height);
    }
    if (width > limits->maximum_side || height > limits->maximum_side) {
        return cimageio_fail(decoder, CIMAGEIO_STATUS_TOO_LARGE, "%ux%u pixels; a side may have at most %u", width,
                             height, limits->maximum_side);
    }
    if ((uint64_t)width * height > limits->maximum_pixels) {
        return cimageio_fail(decoder, CIMAGEIO_STATUS_TOO_LARGE, "%ux%u pixels; an image may have at most %llu",
                             width, height, (unsigned long long)limits->maximum_pixels);
    }
    return CIMAGEIO_STATUS_OK;
}

void cimageio_convert_row(const uint8_t *source, uint32_t source_channels, uint8_t *target, uint32_t target_channels,
                          uint32_t width) {
    bool colour = source_channels >= 3;
    bool alpha = source_channels == 2 || source_channels == 4;
    for (uint32_t x = 0; x < width; x++, source += source_channels, target += target_channels) {
        uint32_t red = source[0];
        uint32_t green = colour ? source[1] : red;
        uint32_t blue = colour ? source[2] : red;
        if (alpha) {
            uint32_t cover = source[source_channels - 1];
            uint32_t white = 255 * (255 - cover);
            red = cimageio_divide_by_255(red * cover + white);
            green = cimageio_divide_by_255(green * cover + white);
            blue = cimageio_divide_by_255(blue * cover + white);
        }
        if (target_channels == 1) {
            target[0] = colour ? cimageio_luma(red, green, blue) : (uint8_t)red;
        } else {
            target[0] = (uint8_t)red;
            target[1] = (uint8_t)green;
            target[2] = (uint8_t)blue;
        }
    }
}

cimageio_format cimageio_format_of(const uint8_t *bytes, size_t count) {
    static const uint8_t jpeg[] = {0xFF, 0xD8, 0xFF};
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    if (bytes == NULL) return CIMAGEIO_FORMAT_NONE;
    if (count >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0) return CIMAGEIO_FORMAT_JPEG;
    if (count >= sizeof png && memcmp(bytes, png, sizeof png) == 0) return CIMAGEIO_FORMAT_PNG;
    if (count >= 16 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0) {
        return CIMAGEIO_FORMAT_WEBP;
    }
    return cimageio_is_bmp(bytes, count) ? CIMAGEIO_FORMAT_BMP : CIMAGEIO_FORMAT_NONE;
}

static cimageio_decoder *make(const uint8_t *bytes, size_t count, const cimageio_options *options,
                              cimageio_format format) {
    switch (format) {
    case CIMAGEIO_FORMAT_JPEG: return cimageio_jpeg_decoder(bytes, count, options);
    case CIMAGEIO_FORMAT_PNG: return cimageio_png_decoder(bytes, count, options);
    case CIMAGEIO_FORMAT_WEBP: return cimageio_webp_decoder(bytes, count, options);
    case CIMAGEIO_FORMAT_BMP: return cimageio_bmp_decoder(bytes, count, options);
    case CIMAGEIO_FORMAT_NONE: break;
    }
    return NULL;
}

cimageio_status cimageio_open(const uint8_t *bytes, size_t count, const cimageio_options *options,
                              cimageio_decoder **decoder, cimageio_shape *shape, char *message, size_t capacity) {
    *decoder = NULL;
    *shape = (cimageio_shape){0, 0, 0};
    if (options->channels != 0 && options->channels != 1 && options->channels != 3) {
        cimageio_say(message, capacity, "%u channels were asked for; 1 or 3 can be had", options->channels);
        return CIMAGEIO_STATUS_MISUSE;
    }
    cimageio_format format = cimageio_format_of(bytes, count);
    if (format == CIMAGEIO_FORMAT_NONE) {
        cimageio_say(message, capacity,
                     count == 0 ? "the file is empty" : "none of JPEG, PNG, WebP and BMP by its first bytes");
        return CIMAGEIO_STATUS_UNSUPPORTED;
    }
    cimageio_decoder *made = make(bytes, count, options, format);
    if (made == NULL) {
        cimageio_say(message, capacity, "no memory for a decoder");
        return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    }
    cimageio_status status = made->status;
    if (status != CIMAGEIO_STATUS_OK) {
        cimageio_say(message, capacity, "%s", made->message);
        cimageio_close(made);
        return status;
    }
    made->orientation = options->turned ? cimageio_orientation(bytes, count) : 1;
    *decoder = made;
    *shape = made->shape;
    if (cimageio_swaps_sides(made->orientation)) {
        shape->width = made->shape.height;
        shape->height = made->shape.width;
    }
    return CIMAGEIO_STATUS_OK;
}

/// Reads into memory of its own and from there, turned, into the caller's.
static cimageio_status read_turned(cimageio_decoder *decoder, uint8_t *pixels, size_t count) {
    uint8_t *stored = malloc(count);
    if (stored == NULL) {
        return cimageio_fail(decoder, CIMAGEIO_STATUS_OUT_OF_MEMORY, "no memory to turn its pixels in");
    }
    cimageio_status status = decoder->read(decoder, stored);
    if (status == CIMAGEIO_STATUS_OK) {
        const cimageio_shape *shape = &decoder->shape;
        cimageio_turn(stored, shape->width, shape->height, shape->channels, decoder->orientation, pixels);
    }
    free(stored);
    return status;
}

cimageio_status cimageio_read(cimageio_decoder *decoder, uint8_t *pixels, size_t count, char *message,
                              size_t capacity) {
    const cimageio_shape *shape = &decoder->shape;
    if (decoder->used || count != (size_t)shape->width * shape->height * shape->channels) {
        cimageio_say(message, capacity,
                     decoder->used ? "a decoder reads once" : "the buffer is not of the image's size");
        return CIMAGEIO_STATUS_MISUSE;
    }
    decoder->used = true;
    cimageio_status status =
        decoder->orientation == 1 ? decoder->read(decoder, pixels) : read_turned(decoder, pixels, count);
    if (status != CIMAGEIO_STATUS_OK) cimageio_say(message, capacity, "%s", decoder->message);
    return status;
}

void cimageio_close(cimageio_decoder *decoder) {
    if (decoder != NULL) decoder->close(decoder);
}

void cimageio_free(void *memory) {
    free(memory);
}
