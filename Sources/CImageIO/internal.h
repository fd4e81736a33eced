// What the files of this target share.
#ifndef CIMAGEIO_INTERNAL_H
#define CIMAGEIO_INTERNAL_H

#include "cimageio.h"

#include <stdbool.h>

/// A format's decoder begins with these members, so that a pointer to one is a pointer to the other.
struct cimageio_decoder {
    cimageio_status (*read)(cimageio_decoder *decoder, uint8_t *pixels);
    void (*close)(cimageio_decoder *decoder);
    cimageio_options options;
    /// As the file has it, before it is turned.
    cimageio_shape shape;
    /// How it is turned once it is read; 1 for not at all.
    uint32_t orientation;
    /// Why the decoder failed.
    cimageio_status status;
    char message[CIMAGEIO_MESSAGE_CAPACITY];
    bool used;
};

/// Each gives a decoder whose `status` tells whether its header could be read, or NULL when memory is short.
cimageio_decoder *cimageio_jpeg_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options);
cimageio_decoder *cimageio_png_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options);
cimageio_decoder *cimageio_webp_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options);
cimageio_decoder *cimageio_bmp_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options);

/// Whether the bytes begin as a BMP that is read here.
bool cimageio_is_bmp(const uint8_t *bytes, size_t count);

/// Whether an orientation makes the width the height.
bool cimageio_swaps_sides(uint32_t orientation);

/// Writes the `width` times `height` pixels of `source` as they are to be seen by one of EXIF's orientations, 1 to 8.
void cimageio_turn(const uint8_t *source, uint32_t width, uint32_t height, uint32_t channels, uint32_t orientation,
                   uint8_t *target);

/// What every format's decoder begins with.
static inline void cimageio_begin(cimageio_decoder *decoder, cimageio_status (*read)(cimageio_decoder *, uint8_t *),
                                  void (*close)(cimageio_decoder *), const cimageio_options *options) {
    decoder->read = read;
    decoder->close = close;
    decoder->options = *options;
}

/// Keeps the reason of a failure and gives it back, so that a caller can `return` it.
cimageio_status cimageio_fail(cimageio_decoder *decoder, cimageio_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/// Writes a sentence into a caller's buffer, which may be NULL.
void cimageio_say(char *message, size_t capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));

/// Refuses sides or areas beyond the options' limits, and empty images.
cimageio_status cimageio_check_size(cimageio_decoder *decoder, uint32_t width, uint32_t height);

/// One row of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) channels to one of 1 or 3. Alpha is composited on
/// white.
void cimageio_convert_row(const uint8_t *source, uint32_t source_channels, uint8_t *target, uint32_t target_channels,
                          uint32_t width);

/// x / 255, rounded, for x in 0...65535.
static inline uint8_t cimageio_divide_by_255(uint32_t x) {
    x += 128;
    return (uint8_t)((x + (x >> 8)) >> 8);
}

/// The ITU-R 601 luma in 16-bit fixed point; the weights sum to 65536.
static inline uint8_t cimageio_luma(uint32_t red, uint32_t green, uint32_t blue) {
    return (uint8_t)((red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16);
}

#endif
