// WebP decoding over libwebp.
#include "internal.h"

#include <stdlib.h>
#include <webp/decode.h>
#include <webp/demux.h>

typedef struct {
    cimageio_decoder base;
    const uint8_t *bytes;
    size_t count;
    /// Channels that the codec puts out: 3, or 4 with alpha.
    uint32_t stored_channels;
    bool is_animated;
} webp_decoder;

static cimageio_status status_of(VP8StatusCode code) {
    switch (code) {
    case VP8_STATUS_OK: return CIMAGEIO_STATUS_OK;
    case VP8_STATUS_OUT_OF_MEMORY: return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    case VP8_STATUS_UNSUPPORTED_FEATURE: return CIMAGEIO_STATUS_UNSUPPORTED;
    default: return CIMAGEIO_STATUS_CORRUPT;
    }
}

static cimageio_status fail(cimageio_decoder *base, VP8StatusCode code) {
    cimageio_status status = status_of(code);
    const char *words = status == CIMAGEIO_STATUS_OUT_OF_MEMORY ? "no memory for its pixels"
                        : status == CIMAGEIO_STATUS_UNSUPPORTED ? "it uses a feature of WebP that is not read"
                        : code == VP8_STATUS_NOT_ENOUGH_DATA    ? "the file ends too early"
                                                                : "its data are damaged";
    return cimageio_fail(base, status, "%s", words);
}

/// A picture into rows of the codec's channels, of which each is as long as one of the whole image. The codec holds what
/// the bytes say of the picture's size to the room that there is for it.
static cimageio_status read_picture(webp_decoder *decoder, const uint8_t *bytes, size_t count, uint32_t width,
                                    uint32_t height, uint8_t *rows) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return fail(&decoder->base, VP8_STATUS_UNSUPPORTED_FEATURE);
    size_t stride = (size_t)decoder->base.shape.width * decoder->stored_channels;
    config.output.colorspace = decoder->stored_channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = rows;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = stride * (height - 1) + (size_t)width * decoder->stored_channels;
    VP8StatusCode code = WebPDecode(bytes, count, &config);
    return code == VP8_STATUS_OK ? CIMAGEIO_STATUS_OK : fail(&decoder->base, code);
}

/// The first picture of an animation in its place among rows that are transparent.
static cimageio_status read_first(webp_decoder *decoder, uint8_t *rows) {
    WebPData data = {decoder->bytes, decoder->count};
    WebPDemuxer *animation = WebPDemux(&data);
    if (animation == NULL) return fail(&decoder->base, VP8_STATUS_BITSTREAM_ERROR);
    cimageio_status status = CIMAGEIO_STATUS_CORRUPT;
    WebPIterator picture;
    bool found = WebPDemuxGetFrame(animation, 1, &picture);
    cimageio_shape shape = decoder->base.shape;
    if (found && picture.x_offset >= 0 && picture.y_offset >= 0 && picture.width > 0 && picture.height > 0 &&
        (uint64_t)picture.x_offset + (uint64_t)picture.width <= shape.width &&
        (uint64_t)picture.y_offset + (uint64_t)picture.height <= shape.height) {
        size_t first = ((size_t)picture.y_offset * shape.width + (size_t)picture.x_offset) * 4;
        status = read_picture(decoder, picture.fragment.bytes, picture.fragment.size, (uint32_t)picture.width,
                              (uint32_t)picture.height, rows + first);
    } else {
        fail(&decoder->base, VP8_STATUS_BITSTREAM_ERROR);
    }
    if (found) WebPDemuxReleaseIterator(&picture);
    WebPDemuxDelete(animation);
    return status;
}

static cimageio_status read_pixels(cimageio_decoder *base, uint8_t *pixels) {
    webp_decoder *decoder = (webp_decoder *)base;
    cimageio_shape shape = base->shape;
    uint32_t stored = decoder->stored_channels;
    if (stored == shape.channels) {
        return read_picture(decoder, decoder->bytes, decoder->count, shape.width, shape.height, pixels);
    }
    size_t stride = (size_t)shape.width * stored;
    uint8_t *rows = calloc(shape.height, stride);
    if (rows == NULL) return fail(base, VP8_STATUS_OUT_OF_MEMORY);
    cimageio_status status = decoder->is_animated
                                 ? read_first(decoder, rows)
                                 : read_picture(decoder, decoder->bytes, decoder->count, shape.width, shape.height, rows);
    for (uint32_t y = 0; y < shape.height && status == CIMAGEIO_STATUS_OK; y++) {
        cimageio_convert_row(rows + y * stride, stored, pixels + (size_t)y * shape.width * shape.channels,
                             shape.channels, shape.width);
    }
    free(rows);
    return status;
}

static void close_decoder(cimageio_decoder *base) {
    free(base);
}

cimageio_decoder *cimageio_webp_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options) {
    webp_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) return NULL;
    cimageio_decoder *base = &decoder->base;
    cimageio_begin(base, read_pixels, close_decoder, options);
    decoder->bytes = bytes;
    decoder->count = count;

    WebPBitstreamFeatures features;
    VP8StatusCode code = WebPGetFeatures(bytes, count, &features);
    if (code != VP8_STATUS_OK) {
        fail(base, code);
        return base;
    }
    if (cimageio_check_size(base, (uint32_t)features.width, (uint32_t)features.height) != CIMAGEIO_STATUS_OK) {
        return base;
    }
    decoder->is_animated = features.has_animation;
    decoder->stored_channels = features.has_alpha || features.has_animation ? 4 : 3;
    base->shape = (cimageio_shape){(uint32_t)features.width, (uint32_t)features.height,
                                   options->channels == 0 ? 3 : options->channels};
    return base;
}
