// JPEG decoding over libjpeg-turbo.
#include "internal.h"

// jpeglib.h needs these two before it.
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>

/// Progressive images need some ten scans. A small file can hold tens of thousands, each of which costs a pass over
/// the whole picture.
enum { maximum_scans = 500 };

typedef struct {
    cimageio_decoder base;
    struct jpeg_decompress_struct codec;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
} jpeg_decoder;

static cimageio_status status_of(int code) {
    switch (code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
        return CIMAGEIO_STATUS_OUT_OF_MEMORY;
    case JERR_IMAGE_TOO_BIG:
        return CIMAGEIO_STATUS_TOO_LARGE;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
        return CIMAGEIO_STATUS_UNSUPPORTED;
    default:
        return CIMAGEIO_STATUS_CORRUPT;
    }
}

static void escape_with_message(j_common_ptr codec) {
    jpeg_decoder *decoder = codec->client_data;
    char text[JMSG_LENGTH_MAX];
    codec->err->format_message(codec, text);
    cimageio_fail(&decoder->base, status_of(codec->err->msg_code), "%s", text);
    longjmp(decoder->escape, 1);
}

/// libjpeg calls damage a warning and fills the rest of the picture with grey. Here every warning is an error but those
/// for oddities that leave the pixels whole, such as stray bytes between segments.
static void judge_message(j_common_ptr codec, int level) {
    if (level >= 0) return;
    codec->err->num_warnings++;
    switch (codec->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA:
        return;
    default:
        escape_with_message(codec);
    }
}

static void stay_silent(j_common_ptr codec) {
    (void)codec;
}

static void limit_scans(j_common_ptr codec) {
    if (((j_decompress_ptr)codec)->input_scan_number <= maximum_scans) return;
    jpeg_decoder *decoder = codec->client_data;
    cimageio_fail(&decoder->base, CIMAGEIO_STATUS_TOO_LARGE, "more than %d scans", maximum_scans);
    longjmp(decoder->escape, 1);
}

/// The largest of 8, 4, 2 and 1 by which both sides, rounded up as the codec does, can be divided and keep `minimum`.
static unsigned int reduction(uint32_t width, uint32_t height, uint32_t minimum) {
    uint32_t shorter = width < height ? width : height;
    unsigned int divisor = minimum == 0 ? 1 : 8;
    while (divisor > 1 && (shorter + divisor - 1) / divisor < minimum) divisor /= 2;
    return divisor;
}

/// Chooses what the codec is to put out, and from it the shape.
static cimageio_status choose_output(jpeg_decoder *decoder) {
    j_decompress_ptr codec = &decoder->codec;
    cimageio_options *options = &decoder->base.options;
    uint32_t channels = options->channels;
    switch (codec->jpeg_color_space) {
    case JCS_GRAYSCALE:
        if (channels == 0) channels = 1;
        break;
    case JCS_YCbCr:
    case JCS_RGB:
    case JCS_CMYK:
    case JCS_YCCK:
        if (channels == 0) channels = 3;
        break;
    default:
        return cimageio_fail(&decoder->base, CIMAGEIO_STATUS_UNSUPPORTED,
                             "a JPEG of %d components in an unknown colour space", codec->num_components);
    }
    if (codec->jpeg_color_space == JCS_CMYK || codec->jpeg_color_space == JCS_YCCK) {
        codec->out_color_space = JCS_CMYK;
    } else {
        codec->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    }
    codec->scale_num = 1;
    codec->scale_denom = reduction(codec->image_width, codec->image_height, options->minimum_short_side);
    jpeg_calc_output_dimensions(codec);
    decoder->base.shape = (cimageio_shape){codec->output_width, codec->output_height, channels};
    return CIMAGEIO_STATUS_OK;
}

/// CMYK files hold the paper's reflectance rather than the ink (255: no ink), as Adobe's programs write them and
/// every reader has come to expect.
static void convert_cmyk_row(const uint8_t *source, uint8_t *target, uint32_t channels, uint32_t width) {
    for (uint32_t x = 0; x < width; x++, source += 4, target += channels) {
        uint32_t black = source[3];
        uint8_t red = cimageio_divide_by_255(source[0] * black);
        uint8_t green = cimageio_divide_by_255(source[1] * black);
        uint8_t blue = cimageio_divide_by_255(source[2] * black);
        if (channels == 1) {
            target[0] = cimageio_luma(red, green, blue);
        } else {
            target[0] = red;
            target[1] = green;
            target[2] = blue;
        }
    }
}

static cimageio_status read_pixels(cimageio_decoder *base, uint8_t *pixels) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr codec = &decoder->codec;
    if (setjmp(decoder->escape)) return base->status;

    jpeg_start_decompress(codec);
    cimageio_shape shape = base->shape;
    size_t stride = (size_t)shape.width * shape.channels;
    bool cmyk = codec->out_color_space == JCS_CMYK;
    if (codec->output_width != shape.width || codec->output_height != shape.height ||
        codec->output_components != (cmyk ? 4 : (int)shape.channels)) {
        return cimageio_fail(base, CIMAGEIO_STATUS_CORRUPT, "the image's size changes within the file");
    }
    JSAMPARRAY inks = NULL;
    if (cmyk) inks = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE, shape.width * 4, 1);
    while (codec->output_scanline < codec->output_height) {
        JSAMPROW row = pixels + codec->output_scanline * stride;
        if (!cmyk) {
            jpeg_read_scanlines(codec, &row, 1);
        } else if (jpeg_read_scanlines(codec, inks, 1) == 1) {
            convert_cmyk_row(inks[0], row, shape.channels, shape.width);
        }
    }
    // Reads to the end-of-image marker, so that a file cut after its last row is noticed as well.
    jpeg_finish_decompress(codec);
    return CIMAGEIO_STATUS_OK;
}

static void close_decoder(cimageio_decoder *base) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    // Does nothing to a codec whose creation failed: its memory manager is NULL.
    jpeg_destroy_decompress(&decoder->codec);
    free(decoder);
}

cimageio_decoder *cimageio_jpeg_decoder(const uint8_t *bytes, size_t count, const cimageio_options *options) {
    jpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) return NULL;
    cimageio_decoder *base = &decoder->base;
    j_decompress_ptr codec = &decoder->codec;
    cimageio_begin(base, read_pixels, close_decoder, options);

    codec->err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = escape_with_message;
    decoder->errors.emit_message = judge_message;
    decoder->errors.output_message = stay_silent;
    codec->client_data = decoder;
    if (setjmp(decoder->escape)) return base;

    jpeg_create_decompress(codec);
    decoder->progress.progress_monitor = limit_scans;
    codec->progress = &decoder->progress;
    jpeg_mem_src(codec, bytes, (unsigned long)count);
    jpeg_read_header(codec, TRUE);
    if (cimageio_check_size(base, codec->image_width, codec->image_height) == CIMAGEIO_STATUS_OK) {
        choose_output(decoder);
    }
    return base;
}
