// What the two halves of the BMP reader share: the header, and the decoder that it becomes.
#ifndef CIMAGEIO_BMP_H
#define CIMAGEIO_BMP_H

#include "internal.h"

enum { bmp_plain = 0, bmp_rle8 = 1, bmp_rle4 = 2, bmp_masks = 3, bmp_masks_alpha = 6 };

/// Where a channel stands in a pixel of 16, 24 or 32 bits.
typedef struct {
    uint32_t shift;
    /// The largest value; 0 where the channel is missing.
    uint32_t maximum;
} bmp_channel;

typedef struct {
    cimageio_decoder base;
    const uint8_t *bytes;
    size_t count;
    uint32_t width;
    uint32_t height;
    bool is_top_down;
    uint32_t bits;
    uint32_t compression;
    /// Where the pixels begin in the file.
    size_t pixels;
    /// Red, green, blue, alpha; of pixels without a palette.
    bmp_channel channels[4];
    /// Of `colours` red, green and blue values.
    uint8_t palette[256][3];
    uint32_t colours;
} bmp_decoder;

/// Reads the headers and the palette into a decoder whose bytes are set, and holds them to the file.
cimageio_status cimageio_bmp_header(bmp_decoder *decoder);

#endif
