// WebP decoding over libwebp.
#include "internal.h"

#include <stdlib.h>
#include <string.h>
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

/// A still picture into rows of the codec's channels.
static cimageio_status read_still(webp_decoder *decoder, uint8_t *rows) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return fail(&decoder->base, VP8_STATUS_UNSUPPORTED_FEATURE);
    cimageio_shape shape = decoder->base.shape;
    config.output.colorspace = decoder->stored_channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = rows;
    config.output.u.RGBA.stride = (int)(shape.width * decoder->stored_channels);
    config.output.u.RGBA.size = (size_t)shape.width * shape.height * decoder->stored_channels;
    VP8StatusCode code = WebPDecode(decoder->bytes, decoder->count, &config);
    return code == VP8_STATUS_OK ? CIMAGEIO_STATUS_OK : fail(&decoder->base, code);
}

/// The first picture of an animation on its canvas, which is transparent where the picture does not reach.
static cimageio_status read_first(webp_decoder *decoder, uint8_t *rows) {
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options)) return fail(&decoder->base, VP8_STATUS_UNSUPPORTED_FEATURE);
    options.color_mode = MODE_RGBA;
    options.use_threads = 0;
    WebPData data = {decoder->bytes, decoder->count};
    WebPAnimDecoder *animation = WebPAnimDecoderNew(&data, &options);
    if (animation == NULL) return fail(&decoder->base, VP8_STATUS_BITSTREAM_ERROR);
    uint8_t *canvas = NULL;
    int time = 0;
    WebPAnimInfo info;
    cimageio_shape shape = decoder->base.shape;
    bool read = WebPAnimDecoderGetInfo(animation, &info) && info.canvas_width == shape.width &&
                info.canvas_height == shape.height && WebPAnimDecoderGetNext(animation, &canvas, &time);
    if (read) memcpy(rows, canvas, (size_t)shape.width * shape.height * 4);
    WebPAnimDecoderDelete(animation);
    return read ? CIMAGEIO_STATUS_OK : fail(&decoder->base, VP8_STATUS_BITSTREAM_ERROR);
}

static cimageio_status read_pixels(cimageio_decoder *base, uint8_t *pixels) {
    webp_decoder *decoder = (webp_decoder *)base;
    cimageio_shape shape = base->shape;
    uint32_t stored = decoder->stored_channels;
    if (stored == shape.channels) return read_still(decoder, pixels);
    size_t stride = (size_t)shape.width * stored;
    uint8_t *rows = malloc(stride * shape.height);
    if (rows == NULL) return fail(base, VP8_STATUS_OUT_OF_MEMORY);
    cimageio_status status = decoder->is_animated ? read_first(decoder, rows) : read_still(decoder, rows);
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
    base->read = read_pixels;
    base->close = close_decoder;
    base->options = *options;
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
