// The headers of a BMP, of Windows and of OS/2, and its palette.
#include "bmp.h"

enum { file_header = 14, core_header = 12, info_header = 40, v2_header = 52, v3_header = 56 };

static uint32_t word(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t long_word(const uint8_t *p) {
    return word(p) | word(p + 2) << 16;
}

static cimageio_status early_end(bmp_decoder *decoder) {
    return cimageio_fail(&decoder->base, CIMAGEIO_STATUS_CORRUPT, "the file ends too early");
}

bool cimageio_is_bmp(const uint8_t *bytes, size_t count) {
    // Two letters tell little; the length of the second header is one of few.
    if (count < file_header + 4 || bytes[0] != 'B' || bytes[1] != 'M') return false;
    switch (long_word(bytes + file_header)) {
    case core_header:
    case info_header:
    case v2_header:
    case v3_header:
    case 64:
    case 108:
    case 124:
        return true;
    default:
        return false;
    }
}

/// A mask's bits must follow one another.
static bool read_mask(uint32_t mask, bmp_channel *channel) {
    *channel = (bmp_channel){0, 0};
    if (mask == 0) return true;
    while (!(mask & 1)) {
        mask >>= 1;
        channel->shift++;
    }
    channel->maximum = mask;
    return (mask & (mask + 1)) == 0;
}

/// The four channels' masks, of the file or of its kind; `*end` is where the headers end.
static cimageio_status read_masks(bmp_decoder *decoder, uint32_t header, size_t *end) {
    uint32_t masks[4] = {0xFF0000, 0xFF00, 0xFF, 0};
    if (decoder->bits == 16) {
        masks[0] = 0x7C00;
        masks[1] = 0x3E0;
        masks[2] = 0x1F;
    }
    if (decoder->compression != bmp_plain) {
        // They follow a header of 40 bytes and are part of the longer ones.
        bool has_alpha = header >= v3_header || decoder->compression == bmp_masks_alpha;
        size_t count = has_alpha ? 4 : 3;
        if (header == info_header) *end += 4 * count;
        if (decoder->count < file_header + info_header + 4 * count) return early_end(decoder);
        for (size_t i = 0; i < count; i++) masks[i] = long_word(decoder->bytes + file_header + info_header + 4 * i);
    }
    uint32_t seen = 0;
    for (size_t i = 0; i < 4; i++) {
        bool fits = decoder->bits == 32 || masks[i] >> decoder->bits == 0;
        if (!fits || (seen & masks[i]) != 0 || !read_mask(masks[i], &decoder->channels[i])) {
            return cimageio_fail(&decoder->base, CIMAGEIO_STATUS_CORRUPT, "its masks of colours make no sense");
        }
        seen |= masks[i];
    }
    if (masks[0] == 0 || masks[1] == 0 || masks[2] == 0) {
        return cimageio_fail(&decoder->base, CIMAGEIO_STATUS_UNSUPPORTED, "a BMP without one of the three colours");
    }
    return CIMAGEIO_STATUS_OK;
}

/// The palette, which is blue, green, red, and a byte that means nothing where the header is not OS/2's first.
static cimageio_status read_palette(bmp_decoder *decoder, uint32_t header, uint32_t stated, size_t *end) {
    size_t entry = header == core_header ? 3 : 4;
    size_t most = (size_t)1 << decoder->bits;
    size_t colours = stated == 0 ? most : stated;
    size_t start = *end;
    // Where the pixels begin sooner, the palette ends there; some writers state the end of the headers instead.
    size_t room = decoder->count > start ? (decoder->count - start) / entry : 0;
    if (decoder->pixels > start && (decoder->pixels - start) / entry < room) room = (decoder->pixels - start) / entry;
    if (colours > room) colours = room;
    *end = start + colours * entry;
    decoder->colours = (uint32_t)(colours < most ? colours : most);
    for (size_t i = 0; i < decoder->colours; i++) {
        const uint8_t *colour = decoder->bytes + start + i * entry;
        for (size_t channel = 0; channel < 3; channel++) decoder->palette[i][channel] = colour[2 - channel];
    }
    return decoder->colours > 0 ? CIMAGEIO_STATUS_OK
                                : cimageio_fail(&decoder->base, CIMAGEIO_STATUS_CORRUPT, "its palette is empty");
}

static cimageio_status read_kind(bmp_decoder *decoder, uint32_t planes) {
    uint32_t bits = decoder->bits, compression = decoder->compression;
    bool indexed = bits == 1 || bits == 4 || bits == 8;
    bool fits = false;
    switch (compression) {
    case bmp_plain: fits = indexed || bits == 16 || bits == 24 || bits == 32; break;
    case bmp_rle8: fits = bits == 8; break;
    case bmp_rle4: fits = bits == 4; break;
    case bmp_masks:
    case bmp_masks_alpha: fits = bits == 16 || bits == 24 || bits == 32; break;
    default: break;
    }
    if (planes == 1 && fits) return CIMAGEIO_STATUS_OK;
    return cimageio_fail(&decoder->base, CIMAGEIO_STATUS_UNSUPPORTED,
                         "a BMP of %u planes of %u bits with compression %u, which is not read", planes, bits,
                         compression);
}

cimageio_status cimageio_bmp_header(bmp_decoder *decoder) {
    const uint8_t *bytes = decoder->bytes;
    uint32_t header = long_word(bytes + file_header);
    size_t end = file_header + header;
    if (decoder->count < end) return early_end(decoder);
    const uint8_t *info = bytes + file_header;
    uint32_t planes, stated = 0;
    if (header == core_header) {
        decoder->width = word(info + 4);
        decoder->height = word(info + 6);
        planes = word(info + 8);
        decoder->bits = word(info + 10);
    } else {
        decoder->width = long_word(info + 4);
        decoder->height = long_word(info + 8);
        // Negative heights are of rows from the top; the least number has no opposite and stays too large.
        decoder->is_top_down = decoder->height >> 31 != 0;
        if (decoder->is_top_down) decoder->height = 0 - decoder->height;
        planes = word(info + 12);
        decoder->bits = word(info + 14);
        decoder->compression = long_word(info + 16);
        stated = long_word(info + 32);
    }
    // OS/2's second header means other things by the same numbers.
    if (header == 64 && decoder->compression >= bmp_masks) decoder->compression = UINT32_MAX;

    cimageio_status status = cimageio_check_size(&decoder->base, decoder->width, decoder->height);
    if (status == CIMAGEIO_STATUS_OK) status = read_kind(decoder, planes);
    if (status != CIMAGEIO_STATUS_OK) return status;
    decoder->pixels = long_word(bytes + 10);
    size_t headers = end;
    status = decoder->bits <= 8 ? read_palette(decoder, header, stated, &end) : read_masks(decoder, header, &end);
    if (status != CIMAGEIO_STATUS_OK) return status;
    // Some writers leave the place out, or state that of the palette.
    if (decoder->pixels == 0 || (decoder->bits <= 8 && decoder->pixels == headers)) decoder->pixels = end;
    return decoder->pixels > decoder->count ? early_end(decoder) : CIMAGEIO_STATUS_OK;
}
